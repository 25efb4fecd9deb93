/**
 * The manifests from other sources that a cluster applies, and their paths on masters: `cluster-addons.sh` applies the files there
 * in the order of their names.
 */
import type { Cluster, Manifest } from '../cluster.ts';
import { lockedArtifact } from '../artifacts.ts';
import { csiFiles } from '../ceph-csi.ts';

/** Its name is the file name in an artifact folder, below `manifests/`. */
type PlacedManifest = Manifest & {
  /** The path on masters, relative to the root. */
  readonly path: string;
  /** The setting that requests it. */
  readonly setting: string;
};

/** A manifest that is downloaded. */
export interface RemoteManifest {
  /** The name in the lock and the path in an artifact folder: `manifests/calico.yaml`. */
  readonly name: string;
  readonly url: string;
  readonly path: string;
  /** From the lock; null if the lock has none for this URL. */
  readonly sha256: string | null;
  /** The settings that request it; the one with the URL comes first. */
  readonly settings: readonly string[];
}

const ADDONS = 'etc/kubernetes/addons';
/** A folder with a kustomization, which is applied as a whole. */
const CEPH_CSI = `${ADDONS}/31-ceph-csi`;

/** In the order of their application: first those that nodes need to become ready, then those that run on them. */
export function manifestsOf(cluster: Cluster): readonly PlacedManifest[] {
  const { kubernetes, networking } = cluster;
  const { calicoManifest: calico } = networking;
  const network = { path: `${ADDONS}/15-calico.yaml`, setting: 'cluster.networking.cni' };
  const drivers = csiFiles(cluster).map(({ path, url }) => {
    return { name: `ceph-csi/${path}`, url, content: null, path: `${CEPH_CSI}/${path}`, setting: 'cluster.ceph.csi' };
  });
  const own = kubernetes.manifests.map((manifest, index) => ({
    ...manifest,
    path: `${ADDONS}/50-${String(index + 1).padStart(2, '0')}-${stem(manifest.name)}.yaml`,
    setting: `cluster.kubernetes.manifests[${String(index)}]`,
  }));
  return [...(calico === null ? [] : [{ ...calico, ...network }]), ...drivers, ...own];
}

const stem = (name: string): string => name.replace(/\.(ya?ml|json)$/i, '').replaceAll(/[^A-Za-z0-9._-]/g, '-');

/** The manifests that images contain as artifacts. */
export function remoteManifests(cluster: Cluster): readonly RemoteManifest[] {
  return manifestsOf(cluster).flatMap(({ name: file, url, path, setting }) => {
    if (url === null) return [];
    const name = `manifests/${file}`;
    return [
      {
        name,
        url,
        path,
        settings: [...urlSettings(setting), setting],
        sha256: lockedArtifact(cluster, name, url)?.sha256 ?? null,
      },
    ];
  });
}

/** The setting that can replace the default URL. */
function urlSettings(setting: string): readonly string[] {
  if (setting === 'cluster.networking.cni') return ['cluster.networking.calico_manifest'];
  return setting === 'cluster.ceph.csi' ? ['cluster.ceph.csi_url'] : [];
}
