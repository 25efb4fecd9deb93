/** Rules about files that systemd or the kernel reads as units and scripts, wherever they are listed. */
import type { Placement } from '../../diagnostics/codes.ts';
import { proveUnit } from '../systemd/prove.ts';
import { entries, lineOf, textOf, type Entry } from './entries.ts';
import type { Facts, Rule } from './rule.ts';
import { extrasOfNodes, scriptFault } from './scripts.ts';

/** Where systemd looks for units that are not a package's own. @see systemd.unit(5), "Unit file load path" */
const UNIT = /^\/(?:etc|usr\/local\/lib|usr\/lib|lib)\/systemd\/system\/([^/]+\.[a-z]+?)(\.d\/[^/]+\.conf)?$/;

/** `name`: of an entry of `files`, the path. */
const unitFiles: Rule = {
  name: 'a file that is a unit is one that systemd loads',
  check: (_, facts, report) => {
    for (const entry of [...entries(facts, 'files'), ...facts.nodes.flatMap((node) => entries(facts, 'files', node))]) {
      const [, name, dropIn] = UNIT.exec(entry.name) ?? [];
      const text = textOf(entry, facts);
      if (name === undefined || text === undefined || (dropIn === undefined && text === '')) continue;
      for (const { line, weight, reason, hint } of proveUnit(name, text, dropIn !== undefined)) {
        const code = weight === 'refused' ? 'unit/refused' : 'unit/ignored-line';
        report.add(code, { name, reason }, { ...placeOf(entry, line, facts), hint });
      }
    }
  },
};

const placeOf = (entry: Entry, line: number, facts: Facts): Placement =>
  line === 0 ? { at: facts.at([...entry.path, 'path']) } : lineOf(entry, line, facts);

const runnableFiles: Rule = {
  name: 'a file that is a script can be run',
  check: (cluster, facts, report) => {
    for (const { node, entry, text } of extrasOfNodes(cluster, facts, 'files')) {
      const isProgram = node.files.some(({ path, mode }) => path === entry.name && (mode & 0o111) !== 0);
      const fault = isProgram && /^\uFEFF?\s*#!/.test(text) ? scriptFault(node, text, facts) : undefined;
      if (fault === undefined) continue;
      const { line, reason, hint } = fault;
      report.add('file/cannot-run', { path: entry.name, reason }, { ...lineOf(entry, line, facts), hint });
    }
  },
};

export const unitFileRules: readonly Rule[] = [unitFiles, runnableFiles];
