/**
 * Recipes for external manifests: for masters, the manifests that were read from files; for every member, links to
 * Debian's CNI plugins in the folder where other networks put theirs, and containerd looks for them.
 */
import type { Cluster } from '../../config/cluster.ts';
import { manifestsOf } from '../../config/content/kubernetes-manifests.ts';
import { fileRecipe, linkRecipe, type Recipe } from '../tree/recipe.ts';
import { OWN_PLUGINS, routesPods } from '../views/kubernetes/kubernetes.ts';

/**
 * Only manifests from files; downloaded ones are artifacts. Only root can read them, because a manifest may contain
 * secrets.
 */
export function manifestRecipes(cluster: Cluster): Recipe[] {
  return manifestsOf(cluster).flatMap(({ path, content, setting }) => {
    if (content === null) return [];
    const origin = { kind: 'setting' as const, source: setting, settings: [setting] };
    return [fileRecipe({ path, mode: 0o600, uid: 0, gid: 0, secret: false, origin }, () => content)];
  });
}

/** containerd needs the first one, Calico's network the others; a network may replace them with its own. */
const PLUGINS = ['loopback', 'bandwidth', 'host-local', 'portmap', 'tuning'];

export function pluginRecipes(cluster: Cluster): Recipe[] {
  if (routesPods(cluster)) return [];
  const setting = 'cluster.networking.cni';
  const origin = { kind: 'setting' as const, source: setting, settings: [setting] };
  return PLUGINS.map((name) => linkRecipe(`${OWN_PLUGINS}/${name}`, `/usr/lib/cni/${name}`, origin));
}
