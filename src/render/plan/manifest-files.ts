/**
 * Recipes of what others' manifests bring along: those that were read from files, for masters; and for every member the
 * plugins of Debian where Calico's manifest and containerd look for plugins.
 */
import type { Cluster } from '../../config/cluster.ts';
import { manifestsOf } from '../../config/content/kubernetes-manifests.ts';
import { fileRecipe, linkRecipe, type Recipe } from '../tree/recipe.ts';
import { CALICO_PLUGINS, isCalico } from '../views/kubernetes/kubernetes.ts';

/** Those that are downloaded are artifacts. Root's alone: a manifest may hold what is nobody's business. */
export function manifestRecipes(cluster: Cluster): Recipe[] {
  return manifestsOf(cluster).flatMap(({ path, content, setting }) => {
    if (content === null) return [];
    const origin = { kind: 'setting' as const, source: setting, settings: [setting] };
    return [fileRecipe({ path, mode: 0o600, uid: 0, gid: 0, secret: false, origin }, () => content)];
  });
}

/** containerd needs the first one, Calico's network the others; it may put its own in their place. */
const PLUGINS = ['loopback', 'bandwidth', 'host-local', 'portmap', 'tuning'];

export function pluginRecipes(cluster: Cluster): Recipe[] {
  if (!isCalico(cluster)) return [];
  const setting = 'cluster.networking.cni';
  const origin = { kind: 'setting' as const, source: setting, settings: [setting] };
  return PLUGINS.map((name) => linkRecipe(`${CALICO_PLUGINS}/${name}`, `/usr/lib/cni/${name}`, origin));
}
