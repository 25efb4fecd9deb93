/** A rule is a named condition that the joined cluster must meet. Rules are checked after each file on its own. */
import type { Path } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import type { Cluster, Interface, Node } from '../cluster.ts';
import { asFarAsKnown } from '../definition/known.ts';
import { memo } from '../memo.ts';
import type { OverlayFile } from '../files/overlays.ts';
import type { Places } from '../definition/places.ts';
import type { WrittenCluster } from '../schema/cluster.ts';
import type { WrittenNode } from '../schema/node.ts';
import type { Texts } from '../files/text.ts';

/** The places of settings, and the user's settings before defaults were filled in. */
export interface Facts extends Places {
  readonly cluster: WrittenCluster;
  readonly nodes: readonly WrittenNode[];
  /** All files below `nodes/`. */
  readonly files: readonly string[];
  /** The text of every file that a setting refers to. */
  readonly texts: Texts;
  /** The user's overlays. */
  readonly overlays: readonly OverlayFile[];
}

type Check = (cluster: Cluster, facts: Facts, report: Report) => void;

/** A rule stops when it reads a value that depends on a faulty setting (`known.ts`). */
export interface Rule {
  readonly name: string;
  readonly check: Check;
}

/** Whether a node has no file although others have. `node/no-file` has reported it, so missing settings are not reported again. */
export function isFileless(facts: Facts, node: string): boolean {
  return facts.files.length > 0 && !filesIn(facts).has(`nodes/${node}.yaml`);
}

const filesIn = memo(({ files }: Facts) => new Set(files));

/** Whether a node has no `hardware` at all: one diagnostic about its MACs names the settings that are missing there. */
export const lacksHardware = (facts: Facts, { name, macs, interfaces }: Node): boolean =>
  macs.length === 0 && !interfaces.some(isMatched) && !facts.has(['nodes', name, 'hardware']);

/** Of such a card nobody has to know the MAC. */
const isMatched = (one: Interface): boolean => one.type === 'ethernet' && one.match !== null;

/** The nodes in the order of the user's list. */
export function asListed(cluster: Cluster, facts: Facts): readonly Node[] {
  return facts.nodes.flatMap(({ name }) => nodesByName(cluster).get(name) ?? []);
}

export const nodesByName = memo(({ nodes }: Cluster): ReadonlyMap<string, Node> => {
  return new Map(nodes.map((node) => [node.name, node]));
});

/** The nodes that a setting is for: of the cluster all, of a node that one. */
export function nodesOf(cluster: Cluster, [root, name]: Path): readonly Node[] {
  if (root === 'cluster') return cluster.nodes;
  const node = nodesByName(cluster).get(String(name));
  return node === undefined ? [] : [node];
}

/** The nodes as written, by name, as far as their names are known. */
export const writtenByName = memo((nodes: Facts['nodes']): ReadonlyMap<string, Facts['nodes'][number]> => {
  const found = new Map<string, Facts['nodes'][number]>();
  for (const node of nodes) asFarAsKnown(() => found.set(node.name, node));
  return found;
});

/** Every item with the same key as an earlier item, with the first such item. Items with an undefined key are skipped. */
export function repeats<T, K>(
  items: readonly T[],
  keyOf: (item: T) => K | undefined,
): readonly { readonly again: T; readonly first: T }[] {
  const seen = new Map<K, T>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first === undefined) seen.set(key, item);
    return first === undefined ? [] : [{ again: item, first }];
  });
}

/** A list for the middle of a sentence: each item in backticks. */
export function quoted(items: readonly string[]): string {
  return items.map((item) => `\`${item}\``).join(', ');
}
