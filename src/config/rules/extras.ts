/** Rules about entries that users add to nodes: files, units, hooks and taints. `units.ts` and `hooks.ts` check the contents. */
import type { Location } from '../../diagnostics/diagnostic.ts';
import type { Report } from '../../diagnostics/report.ts';
import type { Path } from '../../diagnostics/path.ts';
import type { WrittenNode } from '../schema/node.ts';
import { type ExtraKey, entries, everyEntry, labels } from './entries.ts';
import { type Rule, repeats } from './rule.ts';

const oneContent: Rule = {
  name: 'a file, unit or hook has its content from one place',
  check: (_, facts, report) => {
    for (const key of ['files', 'units', 'hooks'] as const) {
      for (const { path, owner, name, content, source } of everyEntry(facts, key)) {
        const at = facts.at([...path, labels[key]]);
        if (content === undefined && source === undefined) report.add('file/no-content', { name, owner }, { at });
        if (content !== undefined && source !== undefined) report.add('file/two-contents', { name, owner }, { at });
      }
    }
  },
};

const once: Rule = {
  name: 'a node gets each file, unit and hook once',
  check: (_, facts, report) => {
    for (const [key, add] of Object.entries(reportTwice) as [ExtraKey, ReportTwice][]) {
      const label = labels[key];
      const common = entries(facts, key);
      for (const node of facts.nodes) {
        const all = [...common, ...entries(facts, key, node)];
        for (const { again, first } of repeats(all, ({ name }) => name)) {
          // Two equal entries of the cluster are reported for the first node only.
          if (common.includes(again) && node !== facts.nodes[0]) continue;
          const related = [{ message: 'first here', at: facts.at([...first.path, label]) }];
          add(report, { node: node.name, name: again.name }, { at: facts.at([...again.path, label]), related });
        }
      }
    }
  },
};

type ReportTwice = (
  report: Report,
  values: { readonly node: string; readonly name: string },
  placement: {
    readonly at: Location;
    readonly related: readonly { readonly message: string; readonly at: Location }[];
  },
) => void;

const reportTwice: Readonly<Record<ExtraKey, ReportTwice>> = {
  files: (report, { node, name }, placement) => report.add('file/duplicate-path', { node, path: name }, placement),
  units: (report, values, placement) => report.add('unit/duplicate', values, placement),
  hooks: (report, values, placement) => report.add('hook/duplicate', values, placement),
};

const noFileBelowFile: Rule = {
  name: 'no file lies below a file',
  check: (_, facts, report) => {
    for (const node of facts.nodes) {
      const common = entries(facts, 'files');
      const all = [...common, ...entries(facts, 'files', node)];
      for (const entry of all) {
        const { name, path } = entry;
        const other = all.find((one) => name.startsWith(`${one.name}/`));
        if (!other) continue;
        // A conflict between two entries of the cluster is reported for the first node only.
        if (common.includes(entry) && common.includes(other) && node !== facts.nodes[0]) continue;
        const related = [{ message: 'the file', at: facts.at([...other.path, 'path']) }];
        const values = { node: node.name, path: name, other: other.name };
        report.add('file/below-file', values, { at: facts.at([...path, 'path']), related });
      }
    }
  },
};

const secretsAreSecret: Rule = {
  name: 'a secret file is not readable for all',
  check: (_, facts, report) => {
    const check = (root: Path, files: WrittenNode['files'] = []): void =>
      files.forEach(({ path, mode, secret }, index) => {
        if (!secret || (mode & 0o007) === 0) return;
        const at = facts.at([...root, 'files', index, facts.has([...root, 'files', index, 'mode']) ? 'mode' : 'path']);
        report.add('file/readable-secret', { path, mode: `0${mode.toString(8)}` }, { at });
      });
    check(['cluster'], facts.cluster.files);
    for (const { name, files } of facts.nodes) check(['nodes', name], files);
  },
};

const uniqueTaints: Rule = {
  name: 'a taint is there once',
  check: (_, facts, report) => {
    for (const { name, taints = [] } of facts.nodes) {
      const placed = taints.map((taint, index) => ({
        ...taint,
        at: facts.at(['nodes', name, 'taints', index, 'key']),
      }));
      for (const { again, first } of repeats(placed, ({ key, effect }) => `${key} ${effect}`)) {
        const { key, effect } = again;
        const related = [{ message: 'first here', at: first.at }];
        report.add('node/taint-repeated', { node: name, key, effect }, { at: again.at, related });
      }
    }
  },
};

export const extrasRules: readonly Rule[] = [oneContent, once, noFileBelowFile, secretsAreSecret, uniqueTaints];
