/** Files, units and hooks that users add to nodes: entries of the lists of the cluster and of the nodes. */
import type { Placement } from '../../diagnostics/codes.ts';
import type { Path } from '../../diagnostics/path.ts';
import type { WrittenNode } from '../schema/node.ts';
import type { Facts } from './rule.ts';

export type ExtraKey = 'files' | 'units' | 'hooks';

export interface Entry {
  readonly path: Path;
  readonly owner: string;
  readonly name: string;
  readonly content?: string | undefined;
  readonly source?: string | undefined;
}

export const labels: Readonly<Record<ExtraKey, string>> = { files: 'path', units: 'name', hooks: 'name' };

/** The entries of a list: those of the node if `node` is given, otherwise those of the cluster. */
export function entries(facts: Facts, key: ExtraKey, node?: WrittenNode): readonly Entry[] {
  const root: Path = node ? ['nodes', node.name, key] : ['cluster', key];
  const owner = node ? `node \`${node.name}\`` : 'the cluster';
  return ((node ?? facts.cluster)[key] ?? []).map((one, index) => {
    const name = 'path' in one ? one.path : one.name;
    return { path: [...root, index], owner, name, content: one.content, source: one.source };
  });
}

export const everyEntry = (facts: Facts, key: ExtraKey): readonly Entry[] => [
  ...entries(facts, key),
  ...facts.nodes.flatMap((node) => entries(facts, key, node)),
];

/** The text of an entry; undefined if its file could not be read. */
export function textOf({ content, source }: Entry, { texts }: Facts): string | undefined {
  return content ?? (source === undefined ? undefined : texts.get(source));
}

/** The place of a line (counted from 1) of an entry's text: in the definition, or in the file that the entry names. */
export function lineOf(entry: Entry, line: number, facts: Facts): Placement {
  const { path, content, source } = entry;
  if (content !== undefined || source === undefined) return { at: facts.line([...path, 'content'], line) };
  const length = (facts.texts.get(source) ?? '').split('\n')[line - 1]?.trimEnd().length ?? 0;
  const at = { file: source, line, column: 1, length: Math.max(1, length), path: '' };
  return { at, related: [{ message: 'named here', at: facts.at([...path, 'source']) }] };
}
