/** Rules about the path of the secrets store: beside the definition, and not in an image. */
import { posix } from 'node:path';
import { findReferences, leavesFolder } from '../../files/references.ts';
import { LOCK_FILE } from '../../files/lock-file.ts';
import type { Facts, Rule } from '../rule.ts';

const besideDefinition: Rule = {
  name: 'the secrets store lies in the folder of the definition, not in what images get from there',
  check: (_, facts, report) => {
    const path = facts.cluster.secrets.file;
    const at = facts.at(['cluster', 'secrets', 'file']);
    if (leavesFolder(path)) report.add('file/outside-folder', { path }, { at });
    else if (posix.normalize(path).startsWith('overlays/')) report.add('secrets/in-overlays', { path }, { at });
  },
};

/** Files that are read as another part of the definition, or written as such. */
const isOfDefinition = (path: string, facts: Facts): boolean =>
  [facts.key('cluster').file, LOCK_FILE, ...facts.files].includes(path) || /^nodes\/[^/]+\.ya?ml$/.test(path);

const ownFile: Rule = {
  name: 'the secrets store is no other file of the definition',
  check: (_, facts, report) => {
    const path = posix.normalize(facts.cluster.secrets.file);
    if (!isOfDefinition(path, facts)) return;
    report.add('secrets/of-definition', { path }, { at: facts.at(['cluster', 'secrets', 'file']) });
  },
};

const inNoImage: Rule = {
  name: 'no setting puts the secrets store into an image',
  check: (_, facts, report) => {
    const store = posix.normalize(facts.cluster.secrets.file);
    for (const { setting, file } of findReferences(facts.cluster, facts.nodes)) {
      if (posix.normalize(file) === store) report.add('secrets/in-image', { path: file }, { at: facts.at(setting) });
    }
  },
};

export const secretsFileRules: readonly Rule[] = [besideDefinition, ownFile, inNoImage];
