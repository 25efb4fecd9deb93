/**
 * Turns overlay files into recipes: `common/` for every node, `role-<role>/` for nodes with exactly that role,
 * `node-<name>/` for one. A later root replaces a file of an earlier one; the user's roots come after the system's.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { wholeFile } from '../../config/files/file-faults.ts';
import { memo } from '../../config/memo.ts';
import { ROLE_NAMES, roleOf, type Role } from '../../config/roles.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Fault } from '../engine/fault.ts';
import { fileRecipe, linkRecipe, type Recipe } from '../tree/recipe.ts';
import type { OverlaySource } from './sources.ts';
import type { Origin } from '../tree/tree.ts';

type OverlayKind = Extract<Origin['kind'], 'overlay' | 'user-overlay'>;

/** Recipes of the given roots, in the order of the roots. */
export function overlayRecipes(
  sources: readonly OverlaySource[],
  kind: OverlayKind,
  roots: readonly string[],
): Recipe[] {
  return roots.flatMap((root) => (byRoot(sources).get(root) ?? []).map((source) => overlayRecipe(source, kind, root)));
}

const byRoot = memo((sources: readonly OverlaySource[]) => {
  const found = new Map<string, OverlaySource[]>();
  for (const source of sources) {
    const root = source.path.replace(/\/.*/, '');
    const others = found.get(root);
    if (others === undefined) found.set(root, [source]);
    else others.push(source);
  }
  return found;
});

function overlayRecipe(source: OverlaySource, kind: OverlayKind, root: string): Recipe {
  const path = source.path.slice(root.length + 1);
  const origin: Origin = { kind, source: `overlays/${source.path}`, settings: [] };
  if (source.type === 'symlink') return linkRecipe(path, source.target, origin);
  return fileRecipe({ path, mode: source.mode, uid: 0, gid: 0, secret: false, origin }, () => source.content);
}

/** The roots that nodes with these roles share, the most general first. */
export function sharedRoots(roles: readonly Role[]): string[] {
  return ['common', ...roles.toSorted().map((role) => `role-${role}`)];
}

export function nodeRoot(name: string): string {
  return `node-${name}`;
}

/** The user's overlay roots that apply to no node, each once: files below a misspelt name would be ignored silently. */
export function unknownRoots(cluster: Cluster, sources: readonly OverlaySource[]): Fault[] {
  const known = new Set(['common', ...ROLE_NAMES.map((role) => `role-${role}`), ...cluster.nodes.map(nodeRootOf)]);
  const roots = [...byRoot(sources).keys()].filter((root) => !known.has(root));
  return roots.toSorted().map((root) => unknownRoot(root, cluster));
}

const nodeRootOf = ({ name }: Node): string => nodeRoot(name);

function unknownRoot(root: string, { nodes }: Cluster): Fault {
  const [, kind, name = ''] = /^(role|node)-(.*)$/.exec(root) ?? [];
  const names: readonly string[] = kind === 'role' ? ROLE_NAMES : nodes.map((node) => node.name);
  const reason =
    kind === undefined ? 'it is neither `common`, `role-<role>` nor `node-<name>`' : `there is no ${kind} \`${name}\``;
  const meant = kind === undefined ? undefined : (names.find((one) => one === roleOf(name)) ?? suggest(name, names));
  const hint = meant === undefined ? undefined : `did you mean \`${kind ?? ''}-${meant}\`?`;
  const found = diagnostic('overlay/unknown-root', { root, reason }, { hint, at: wholeFile(`overlays/${root}`) });
  return { diagnostic: found, settings: [] };
}
