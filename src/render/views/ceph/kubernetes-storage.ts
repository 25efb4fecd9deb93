/**
 * View of what Kubernetes needs to know to take volumes from Ceph, for the drivers of ceph-csi
 * (https://github.com/ceph/ceph-csi): their configuration, the key that they show, and a storage class for each pool. The
 * drivers themselves are manifests of others, see `config/ceph-csi.ts`.
 */
import { dataPools, diskPools, FILE_SYSTEM } from '../../../config/ceph.ts';
import { CSI_NAMESPACE } from '../../../config/ceph-csi.ts';
import type { Cluster } from '../../../config/cluster.ts';
import { KUBERNETES_KEY } from '../../../pki/issue/ceph-needs.ts';
import { cephFsid, key } from '../../../pki/holes.ts';
import type { Values } from '../../engine/values.ts';
import { KUBERNETES_USER } from './entities.ts';
import { cephOf, monitorsOf } from './ceph.ts';
import { base64 } from '../kubernetes/kubeconfig.ts';
import { hostOf } from '../kubernetes/kubernetes.ts';

export function cephKubernetesView(cluster: Cluster, values: Values) {
  const ceph = cephOf(cluster);
  const mode = `ms_mode=${ceph.encryptionOnWire ? 'secure' : 'prefer-crc'}`;
  const clusterId = values(cephFsid);
  // The port of the protocol's second version, to which the kernel's clients are told to speak (`ms_mode`, since 5.11).
  const monitors = monitorsOf(cluster).map(({ ip }) => `${hostOf(ip)}:3300`);
  return {
    namespace: CSI_NAMESPACE,
    secret: 'ceph-csi',
    user: base64(KUBERNETES_USER),
    key: values(key(KUBERNETES_KEY), base64),
    clusterId,
    clusters: JSON.stringify([{ clusterID: clusterId, monitors, cephFS: { kernelMountOptions: mode } }]),
    isEncrypted: ceph.encryptionOnWire,
    // The first class is the one that a claim gets which asks for none.
    disks: diskPools(ceph).map((pool, index) => ({ name: className('ceph-rbd', index), pool, isDefault: index === 0 })),
    files: dataPools(ceph).map((pool, index) => ({ name: className('ceph-fs', index), pool })),
    fileSystem: FILE_SYSTEM,
    // `controller-publish`: since 3.15 the drivers note on the volume who uses it (https://github.com/ceph/ceph-csi/pull/5429).
    uses: ['provisioner', 'controller-expand', 'controller-publish', 'node-stage'],
  };
}

/** Of several pools of a kind, the further ones are told apart by number: a pool's name need not be one of Kubernetes'. */
const className = (kind: string, index: number): string => (index === 0 ? kind : `${kind}-${String(index + 1)}`);
