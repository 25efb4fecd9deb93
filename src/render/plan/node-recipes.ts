/**
 * Gathers the recipes of a node from catalog, overlays and settings. Nodes with the same roles share most of them, so
 * the shared recipes are gathered, checked against each other and made once per cluster.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { CATALOG } from '../catalog/catalog.ts';
import { AUDIENCES, type Audience } from '../catalog/entry.ts';
import { manifestRecipes, pluginRecipes } from './manifest-files.ts';
import { merge, NOTHING, type Merged } from '../tree/merge.ts';
import { nodeRoot, overlayRecipes, sharedRoots } from './overlay.ts';
import { templateRecipe, type Recipe } from '../tree/recipe.ts';
import { clusterSettingRecipes, holderSettingRecipes, nodeSettingRecipes } from './setting-files.ts';
import type { Sources } from './sources.ts';
import { memberStoreRecipes, masterStoreRecipes, nodeStoreRecipes } from './store-files.ts';
import { makeTree, type DraftTree } from '../tree/tree.ts';
import type { Known } from '../engine/values.ts';
import {
  clusterHolder,
  nodeHolder,
  OVERRIDABLE,
  ownSettings,
  type Holder,
  type Overridable,
} from '../views/overridden-settings.ts';

/**
 * All recipes of the node, and the faults in their paths; the same object each time, if not told otherwise.
 * @throws RenderError for a unit that cannot be enabled
 */
export function nodeRecipes(cluster: Cluster, node: Node, sources: Sources): Merged {
  const make = (): Merged => gatherNode(cluster, node, sources);
  return forgotten.has(cluster) ? make() : ofNode(cluster, sources, node.name, make);
}

/** From now on, {@link nodeRecipes} remembers none of this cluster, 50 KiB a node: for a process that renders a node now and then. */
export function forgetNodeRecipes(cluster: Cluster): void {
  forgotten.add(cluster);
}

const forgotten = new WeakSet<Cluster>();

function gatherNode(cluster: Cluster, node: Node, sources: Sources): Merged {
  const subject = { cluster, node };
  const from = { sources, node: node.name, cluster: cluster.name };
  const templates = CATALOG.flatMap((entry) =>
    entry.scope === 'node' ? entry.outputs(subject).map((output) => templateRecipe(entry, output, from)) : [],
  );
  const own = ownSettings(cluster, node).flatMap((key) => holderRecipes(nodeHolder(cluster, node), key, from));
  const overlays = overlayRecipes(sources.userOverlays, 'user-overlay', [nodeRoot(node.name)]);
  const recipes = [...templates, ...own, ...overlays, ...nodeSettingRecipes(node), ...nodeStoreRecipes(subject)];
  return merge(sharedRecipes(cluster, node, sources), recipes);
}

/** Names the group of nodes that have the same {@link sharedRecipes}. */
export function sharedKey(cluster: Cluster, node: Node): string {
  return [node.roles.join('+'), ...ownSettings(cluster, node)].join('/');
}

const ofNode = oncePer<Merged>(); // used by planning, then by rendering
const gathered = oncePer<Merged>();
const trees = oncePer<{ made?: { readonly for: Known; readonly tree: DraftTree } }>();
const ofCluster = oncePer<readonly Recipe[]>();

/** The recipes that nodes with the same roles share, without settings of their own; the same object each time. */
export function sharedRecipes(cluster: Cluster, node: Node, sources: Sources): Merged {
  const roots = sharedRoots(node.roles);
  const own = ownSettings(cluster, node);
  return gathered(cluster, sources, sharedKey(cluster, node), () =>
    merge(NOTHING, [
      ...overlayRecipes(sources.overlays, 'overlay', roots),
      // The same recipes for every group of nodes, so that they are made once for all groups.
      ...audiencesOf(node).flatMap((audience) =>
        ofCluster(cluster, sources, `audience ${audience}`, () => clusterRecipes(cluster, sources, audience)),
      ),
      ...ofCluster(cluster, sources, 'settings', () => clusterSettingRecipes(cluster)),
      ...(AUDIENCES.member(node) ? ofCluster(cluster, sources, 'members', () => memberRecipes(cluster)) : []),
      ...(AUDIENCES.master(node) ? ofCluster(cluster, sources, 'masters', () => masterRecipes(cluster)) : []),
      ...OVERRIDABLE.filter((key) => !own.includes(key)).flatMap((key) =>
        ofCluster(cluster, sources, `setting ${key}`, () =>
          holderRecipes(clusterHolder(cluster), key, shared(cluster, sources)),
        ),
      ),
      ...overlayRecipes(sources.userOverlays, 'user-overlay', roots),
    ]),
  );
}

const memberRecipes = (cluster: Cluster): Recipe[] => [...pluginRecipes(cluster), ...memberStoreRecipes(cluster)];
const masterRecipes = (cluster: Cluster): Recipe[] => [...manifestRecipes(cluster), ...masterStoreRecipes(cluster)];

/** The entries of {@link sharedRecipes}; the same objects each time, for the same store. @throws RenderError */
export function sharedTree(cluster: Cluster, node: Node, sources: Sources, known: Known): DraftTree {
  const latest = trees(cluster, sources, sharedKey(cluster, node), () => ({}));
  if (latest.made?.for !== known) {
    const recipes = [...sharedRecipes(cluster, node, sources).own.values()];
    latest.made = { for: known, tree: makeTree(recipes.map((recipe) => recipe.make(known))) };
  }
  return latest.made.tree;
}

const audiencesOf = (node: Node): Audience[] =>
  (Object.keys(AUDIENCES) as Audience[]).filter((audience) => AUDIENCES[audience](node));

function clusterRecipes(cluster: Cluster, sources: Sources, audience: Audience): readonly Recipe[] {
  const from = shared(cluster, sources);
  return CATALOG.flatMap((entry) =>
    entry.scope === 'cluster' && entry.audience === audience
      ? entry.outputs(cluster).map((output) => templateRecipe(entry, output, from))
      : [],
  );
}

type From = Parameters<typeof templateRecipe>[2];

const shared = (cluster: Cluster, sources: Sources): From => ({ sources, node: null, cluster: cluster.name });

function holderRecipes(holder: Holder, setting: Overridable, from: From): readonly Recipe[] {
  const templates = CATALOG.flatMap((entry) =>
    entry.scope === 'holder' && entry.setting === setting
      ? entry.outputs(holder).map((output) => templateRecipe(entry, output, from))
      : [],
  );
  return [...templates, ...holderSettingRecipes(holder, setting)];
}

/** Caches by cluster, sources and key; an entry lives no longer than its cluster and sources. */
function oncePer<T>() {
  const byCluster = new WeakMap<Cluster, WeakMap<Sources, Map<string, T>>>();
  return (cluster: Cluster, sources: Sources, key: string, make: () => T): T => {
    const bySources = byCluster.get(cluster) ?? new WeakMap<Sources, Map<string, T>>();
    byCluster.set(cluster, bySources);
    const byKey = bySources.get(sources) ?? new Map<string, T>();
    bySources.set(sources, byKey);
    const made = byKey.get(key) ?? make();
    byKey.set(key, made);
    return made;
  };
}
