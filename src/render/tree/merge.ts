/**
 * Decides which recipe is used for each path of a tree. Overlays replace earlier overlays. Nothing may replace a
 * rendered file: such a change belongs in cluster.yaml, or the next reader of cluster.yaml would be misled.
 */
import { diagnostic } from '../../diagnostics/codes.ts';
import { faultOf, type Fault } from '../engine/fault.ts';
import type { PlannedEntry, Recipe } from './recipe.ts';
import { byPath, parents, pathFault, type Origin } from './tree.ts';

/** @typeParam T a plan alone needs no recipes */
export interface Merged<T extends PlannedEntry = Recipe> {
  /** The entries that this step of merging adds, by path; they replace earlier entries with the same path. */
  readonly own: ReadonlyMap<string, T>;
  /** Every folder that holds one of `own`. */
  readonly folders: ReadonlySet<string>;
  readonly faults: readonly Fault[];
}

export const NOTHING: Merged = { own: new Map(), folders: new Set(), faults: [] };

/**
 * A tree is made in two steps: first the entries that a group of nodes shares, merged with {@link NOTHING}, then the
 * node's own.
 * @param later in the order of precedence, the weakest first
 */
export function merge<T extends PlannedEntry>(earlier: Merged<T>, later: readonly T[]): Merged<T> {
  const faults: Fault[] = [...earlier.faults];
  const own = new Map<string, T>();
  for (const recipe of later) {
    const standing = own.get(recipe.path) ?? earlier.own.get(recipe.path);
    const fault = recipeFault(recipe, standing);
    if (fault === null) own.set(recipe.path, recipe);
    else faults.push(fault);
  }
  const folders = new Set([...own.keys()].flatMap(parents));
  faults.push(...misplaced(earlier, own, folders));
  return { own, folders, faults };
}

function recipeFault(recipe: PlannedEntry, standing: PlannedEntry | undefined): Fault | null {
  const { path, origin } = recipe;
  const fault = pathFault(path);
  if (fault !== null) return faultOf(origin, diagnostic('render/illegal-path', { path, source: origin.source, fault }));
  if (standing === undefined || replaces(recipe, standing)) return null;
  const [users, ours] = usersFirst(recipe, standing);
  const values = { path, source: users.origin.source, standing: ours.origin.source };
  const code = COLLISIONS[users.origin.kind];
  if (code === undefined) throw new Error(`${values.source} and ${values.standing} both make \`/${path}\``);
  return faultOf(users.origin, diagnostic(code, values, { hint: hintFor(ours) }));
}

/** The user's entry first, whichever of the two was earlier: the user must change it. */
const usersFirst = (recipe: PlannedEntry, other: PlannedEntry): readonly [PlannedEntry, PlannedEntry] =>
  isUsers(recipe) || !isUsers(other) ? [recipe, other] : [other, recipe];

/** Kinds of entries that the user can change, with the code of a collision. */
const COLLISIONS: Partial<Readonly<Record<Origin['kind'], 'overlay/overwrites-rendered' | 'render/path-taken'>>> = {
  'user-overlay': 'overlay/overwrites-rendered',
  setting: 'render/path-taken',
};

const isUsers = ({ origin }: PlannedEntry): boolean => COLLISIONS[origin.kind] !== undefined;

/** Later overlays win, except over the system's own scripts, units and drop-ins, which change with the next version. */
function replaces(recipe: PlannedEntry, standing: PlannedEntry): boolean {
  const isOverlay = ({ origin }: PlannedEntry): boolean => origin.kind === 'overlay' || origin.kind === 'user-overlay';
  return isOverlay(recipe) && isOverlay(standing) && !(isUsers(recipe) && isMachinery(standing));
}

/** Our links are masks, and a user may remove a mask. Files below `/etc/kubernetes` are configuration. */
const isMachinery = ({ path, type, origin }: PlannedEntry): boolean =>
  origin.kind === 'overlay' && type === 'file' && !path.startsWith('etc/kubernetes/');

// The registered hint, unless a better one can name the setting, or systemd's way to change a unit.
function hintFor({ path, origin }: PlannedEntry): string | undefined {
  const unit = /^etc\/systemd\/system\/([^/]+)$/.exec(path)?.[1];
  if (origin.kind === 'overlay' && unit !== undefined) {
    return `put what is to differ into \`/etc/systemd/system/${unit}.d/50-site.conf\``;
  }
  const settings = origin.settings.map((setting) => `\`${setting}\``).join(', ');
  return settings === '' ? undefined : `choose another path, or change ${settings} instead`;
}

type Planned = Merged<PlannedEntry>;

/** Entries of `own` with another entry above or below them; if several are below the same entry, the first. */
function* misplaced(earlier: Planned, own: Planned['own'], folders: ReadonlySet<string>) {
  const told = new Set<string>();
  for (const recipe of own.values()) {
    const above = parents(recipe.path).find((parent) => own.has(parent) || earlier.own.has(parent));
    if (above !== undefined && !told.has(above)) {
      told.add(above);
      yield clash(recipe, own.get(above) ?? earlier.own.get(above) ?? recipe);
    }
    const isFolder = earlier.folders.has(recipe.path) && !folders.has(recipe.path);
    const below = isFolder ? firstBelow(recipe.path, earlier) : undefined;
    if (below !== undefined) yield clash(recipe, below);
  }
}

function firstBelow(folder: string, { own }: Planned): PlannedEntry | undefined {
  return [...own.values()].toSorted(byPath).find(({ path }) => path.startsWith(`${folder}/`));
}

/** A user's file in place of a folder with many of our files is one mistake. */
function clash(recipe: PlannedEntry, other: PlannedEntry): Fault {
  const [users, ours] = usersFirst(recipe, other);
  const standing = { other: ours.path, standing: ours.origin.source };
  const found = diagnostic('render/not-a-directory', { path: users.path, source: users.origin.source, ...standing });
  return faultOf(users.origin, found, `${users.origin.source} ${users.path}`);
}
