/**
 * The drivers of ceph-csi, by which Kubernetes takes volumes from Ceph: which of them a cluster needs, and the files of a
 * release that make each. They are applied as they were published but for their namespace, see `render/views/ceph-csi.ts`.
 */
import { diskPools } from './ceph.ts';
import type { Ceph, Cluster } from './cluster.ts';

/** Where the drivers are, and what they read: privileged pods and a key are nobody else's business. */
export const CSI_NAMESPACE = 'ceph-csi';

interface CsiFile {
  /** Below the folder of a kustomization: `rbd/csidriver.yaml`. */
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

/** The manifests of all drivers; none where they are not wanted. */
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
