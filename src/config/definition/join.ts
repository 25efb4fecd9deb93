/**
 * Joins the settings of a node in `cluster.yaml` and `nodes/<name>.yaml`. A setting in both files must have the same value;
 * otherwise both places are reported, and the value in the node's own file is used.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Path, formatPath } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import type { Source } from '../../diagnostics/source.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { NodePlace } from './places.ts';
import type { WrittenNode } from '../schema/node.ts';

/** A node as described in one of the files. */
export interface SaidNode extends NodePlace {
  /** False if the name is a supposition. */
  readonly isNamed: boolean;
  readonly written: WrittenNode;
}

interface Said {
  readonly listed: readonly SaidNode[];
  readonly described: readonly SaidNode[];
  readonly cluster: Source;
  /** All files below `nodes/`, including unreadable ones. */
  readonly files: readonly string[];
}

/** One entry per listed node, in the order of the list. */
export function joinNodes({ listed, described, cluster, files }: Said, report: Report): readonly SaidNode[] {
  reportUnlisted(listed, described, cluster, report);
  const ownFiles = new Map(described.toReversed().map((file) => [file.name, file])); // the first of several files wins
  const known = new Set(files);
  return listed.map((entry) => {
    const own = ownFiles.get(entry.name);
    if (!own) {
      if (files.length > 0 && !known.has(`nodes/${entry.name}.yaml`)) reportFileless(entry, report);
      return entry;
    }
    const merged = merge(entry.written, own.written, [], (path) => reportConflict(entry, own, path, report));
    return { ...entry, written: merged as WrittenNode };
  });
}

function reportUnlisted(
  listed: readonly SaidNode[],
  described: readonly SaidNode[],
  cluster: Source,
  report: Report,
): void {
  // Each file may belong to the listed node with the unknown name.
  if (listed.some(({ isNamed }) => !isNamed)) return;
  const names = new Set(listed.map(({ name }) => name));
  const withFile = new Set(described.map(({ name }) => name));
  const fileless = [...names].filter((name) => !withFile.has(name));
  for (const file of described) {
    if (names.has(file.name)) continue;
    const near = suggest(file.name, fileless);
    const hint = near === undefined ? undefined : `did you mean \`${near}\`, which has no file?`;
    const values = { file: file.source.file, node: file.name, cluster: cluster.file };
    report.add('node/not-listed', values, { at: nameOf(file), hint });
  }
}

function reportFileless(entry: SaidNode, report: Report): void {
  const hasMatch = entry.written.network?.interfaces?.some((one) => 'match' in one && one.match !== undefined);
  if (!entry.isNamed || entry.written.hardware?.mac_addresses?.length || hasMatch) return;
  report.add('node/no-file', { node: entry.name }, { at: nameOf(entry) });
}

const nameOf = ({ source, index }: NodePlace) =>
  source.locate(index === undefined ? ['node', 'name'] : ['nodes', index, 'name']).at;

function merge(a: unknown, b: unknown, path: Path, conflict: (path: Path) => void): unknown {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (isGroup(a) && isGroup(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return Object.fromEntries(keys.map((key) => [key, merge(a[key], b[key], [...path, key], conflict)]));
  }
  if (!isDeepStrictEqual(comparable(a, path), comparable(b, path))) conflict(path);
  return b;
}

/** Roles and MACs are sets: their order has no meaning. */
function comparable(value: unknown, path: Path): unknown {
  const isSet = path.at(-1) === 'roles' || path.at(-1) === 'mac_addresses';
  return isSet && Array.isArray(value) ? [...new Set(value as string[])].sort() : value;
}

function reportConflict(entry: SaidNode, own: SaidNode, path: Path, report: Report): void {
  const here: Path = ['node', ...path];
  const there: Path = ['nodes', entry.index ?? 0, ...path];
  const secret = own.source.isSecret(here) || entry.source.isSecret(there);
  const show = (source: Source, at: Path): string => {
    const written = source.written(at);
    return secret ? 'a secret' : written === undefined ? 'something else' : `\`${written}\``;
  };
  const file = entry.source.file;
  const values = {
    ...{ setting: formatPath(path), node: entry.name, file },
    ...{ first: show(own.source, here), second: show(entry.source, there) },
  };
  const related = [{ message: 'and here', at: entry.source.locate(there).at }];
  report.add('config/conflict', values, { at: own.source.locate(here).at, related });
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
