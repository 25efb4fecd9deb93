/**
 * Decides which recipe stands at each path of a tree. Overlays replace earlier overlays; what is rendered is nobody else's
 * to replace: a change there belongs into cluster.yaml, or the next reader of it would be misled.
 */
import { diagnostic } from '../diagnostics/codes.ts';
import type { Fault } from './fault.ts';
import type { Recipe } from './recipe.ts';
import { byPath, parents, pathFault } from './tree.ts';

export interface Merged {
  /** Those that this step of merging puts there, by path; one with the path of an earlier one stands in for it. */
  readonly own: ReadonlyMap<string, Recipe>;
  /** Every folder that holds one of `own`. */
  readonly folders: ReadonlySet<string>;
  readonly faults: readonly Fault[];
}

export const NOTHING: Merged = { own: new Map(), folders: new Set(), faults: [] };

/**
 * Two steps make a tree: what a group of nodes shares, merged with {@link NOTHING}, and on top of it a node's own.
 * @param later in the order of precedence, the weakest first
 */
export function merge(earlier: Merged, later: readonly Recipe[]): Merged {
  const faults: Fault[] = [...earlier.faults];
  const own = new Map<string, Recipe>();
  for (const recipe of later) {
    const standing = own.get(recipe.path) ?? earlier.own.get(recipe.path);
    const fault = recipeFault(recipe, standing);
    if (fault === null) own.set(recipe.path, recipe);
    else faults.push({ diagnostic: fault, settings: recipe.origin.settings });
  }
  const folders = new Set([...own.keys()].flatMap(parents));
  faults.push(...misplaced(earlier, own, folders));
  return { own, folders, faults };
}

function recipeFault(recipe: Recipe, standing: Recipe | undefined): Fault['diagnostic'] | null {
  const { path } = recipe;
  const { kind, source } = recipe.origin;
  const fault = pathFault(path);
  if (fault !== null) return diagnostic('render/illegal-path', { path, source, fault });
  if (standing === undefined || replaces(recipe, standing)) return null;
  const values = { path, source, standing: standing.origin.source };
  const hint = hintFor(standing);
  if (kind === 'user-overlay') return diagnostic('overlay/overwrites-rendered', values, { hint });
  if (kind === 'setting') return diagnostic('render/path-taken', values, { hint });
  throw new Error(`${source} and ${standing.origin.source} both make \`/${path}\``);
}

function replaces(recipe: Recipe, standing: Recipe): boolean {
  const isOverlay = ({ origin }: Recipe): boolean => origin.kind === 'overlay' || origin.kind === 'user-overlay';
  return isOverlay(recipe) && isOverlay(standing);
}

// The registered hint, unless we can name the setting.
function hintFor({ origin }: Recipe): string | undefined {
  const settings = origin.settings.map((setting) => `\`${setting}\``).join(', ');
  return settings === '' ? undefined : `choose another path, or change ${settings} instead`;
}

/** Entries of `own` with another entry above or below them. */
function* misplaced(earlier: Merged, own: ReadonlyMap<string, Recipe>, folders: ReadonlySet<string>) {
  for (const recipe of own.values()) {
    const above = parents(recipe.path).find((parent) => own.has(parent) || earlier.own.has(parent));
    if (above !== undefined) yield clash(recipe, own.get(above) ?? earlier.own.get(above) ?? recipe);
    const isFolder = earlier.folders.has(recipe.path) && !folders.has(recipe.path);
    const below = isFolder ? firstBelow(recipe.path, earlier) : undefined;
    if (below !== undefined) yield clash(recipe, below);
  }
}

function firstBelow(folder: string, { own }: Merged): Recipe | undefined {
  return [...own.values()].toSorted(byPath).find(({ path }) => path.startsWith(`${folder}/`));
}

function clash(recipe: Recipe, other: Recipe): Fault {
  const standing = { other: other.path, standing: other.origin.source };
  const values = { path: recipe.path, source: recipe.origin.source, ...standing };
  return { diagnostic: diagnostic('render/not-a-directory', values), settings: recipe.origin.settings };
}
