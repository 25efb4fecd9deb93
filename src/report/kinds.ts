/** Groups nodes with the same roles. They share a drawing of their units and a list of their files. Pure. */
import type { Node } from '../config/cluster.ts';
import type { DraftTree } from '../render/tree/tree.ts';
import type { Drafts } from '../usecases/secrets/draft-trees.ts';

export interface Kind {
  /** For links, e.g. `kind-1`. */
  readonly id: string;
  /** E.g. `master + ceph-mon`. */
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly entries: readonly KindEntry[];
}

/** An entry at the same path on nodes of the kind, with the name of the node replaced. */
export interface KindEntry {
  readonly path: string;
  /** As the first of the nodes has it. */
  readonly entry: DraftTree[number];
  readonly node: string;
  /** How many nodes have it. */
  readonly count: number;
}

/** Stands for the name of the node in the paths that nodes share. */
export const OWN_NAME = '‹node›';

/** In the order of the definition. */
export function kindsOf(nodes: readonly Node[], trees: Drafts): readonly Kind[] {
  const byRoles = new Map<string, Node[]>();
  for (const node of nodes) {
    const title = rolesText(node.roles);
    byRoles.set(title, [...(byRoles.get(title) ?? []), node]);
  }
  const kinds = [...byRoles].sort(([, [a]], [, [b]]) => rankOf(a) - rankOf(b));
  return kinds.map(([title, alike], index) => {
    return { id: `kind-${String(index + 1)}`, title, nodes: alike, entries: entriesOf(alike, trees) };
  });
}

/** Masters first, as a role decides more than its letters. */
const RANK = ['master', 'worker', 'ceph-mon', 'ceph-mgr', 'ceph-osd'] as const;

/** E.g. `master + ceph-mon`. */
export const rolesText = (roles: readonly string[]): string => RANK.filter((role) => roles.includes(role)).join(' + ');
const rankOf = (node: Node | undefined): number => RANK.findIndex((role) => node?.roles.includes(role));

function entriesOf(nodes: readonly Node[], trees: Drafts): readonly KindEntry[] {
  const found = new Map<string, { path: string; entry: DraftTree[number]; node: string; count: number }>();
  for (const { name } of nodes) {
    for (const entry of trees.get(name) ?? []) {
      const path = entry.path.includes(name) ? replaced(entry.path, name) : entry.path;
      const known = found.get(path);
      if (known === undefined) found.set(path, { path, entry, node: name, count: 1 });
      else known.count += 1;
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const replaced = (path: string, name: string): string =>
  path
    .split('/')
    .map((part) => (part === name || part.startsWith(`${name}.`) ? part.replace(name, OWN_NAME) : part))
    .join('/');
