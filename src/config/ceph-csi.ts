/**
 * The drivers of ceph-csi, with which Kubernetes uses volumes of Ceph: the drivers that a cluster needs, and their files in a
 * release. Only their namespace is changed, see `render/views/ceph/csi.ts`.
 */
import { diskPools } from './ceph.ts';
import type { Ceph, Cluster } from './cluster.ts';

/** A namespace of its own for the drivers and their settings, because it has privileged pods and a key. */
export const CSI_NAMESPACE = 'ceph-csi';

interface CsiFile {
  /** The path below the folder of the kustomization: `rbd/csidriver.yaml`. */
  readonly path: string;
  readonly url: string;
}

/** Their config maps are left out: ours have the same names. */
const filesOf = (driver: string): string[] => [
  ...['csidriver', 'csi-nodeplugin-rbac', 'csi-provisioner-rbac'],
  ...[`csi-${driver}plugin-provisioner`, `csi-${driver}plugin`],
];

const driversOf = (ceph: Ceph): string[] => [
  ...(diskPools(ceph).length > 0 ? ['rbd'] : []),
  ...(ceph.cephfs ? ['cephfs'] : []),
];

/** The manifests of all drivers; none if the drivers are disabled. */
export function csiFiles({ ceph }: Cluster): readonly CsiFile[] {
  if (ceph === null || ceph.csi === null) return [];
  const { csi } = ceph;
  return driversOf(ceph).flatMap((driver) =>
    filesOf(driver).map((name) => ({
      path: `${driver}/${name}.yaml`,
      url: `${csi}/${driver}/kubernetes/${name}.yaml`,
    })),
  );
}
