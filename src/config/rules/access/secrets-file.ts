/** Rules about the path of the secrets store: beside the definition, and not in an image. */
import { posix } from 'node:path';
import { findReferences, leavesFolder } from '../../files/references.ts';
import type { Rule } from '../rule.ts';

const besideDefinition: Rule = {
  name: 'the secrets store lies in the folder of the definition, not in what images get from there',
  check: (_, facts, report) => {
    const path = facts.cluster.secrets.file;
    const at = facts.at(['cluster', 'secrets', 'file']);
    if (leavesFolder(path)) report.add('file/outside-folder', { path }, { at });
    else if (posix.normalize(path).startsWith('overlays/')) report.add('secrets/in-overlays', { path }, { at });
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

export const secretsFileRules: readonly Rule[] = [besideDefinition, inNoImage];
