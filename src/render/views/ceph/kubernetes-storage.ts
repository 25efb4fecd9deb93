/**
 * View of the settings with which Kubernetes uses volumes from Ceph, for the drivers of ceph-csi
 * (https://github.com/ceph/ceph-csi): their configuration, their key, and a storage class for each pool. The drivers
 * themselves are external manifests, see `config/ceph-csi.ts`.
 */
import { dataPools, diskPools, FILE_SYSTEM } from '../../../config/ceph.ts';
import { CSI_NAMESPACE } from '../../../config/ceph-csi.ts';
import type { Cluster } from '../../../config/cluster.ts';
import { monitorsKnownToAll } from '../../../config/first-guess.ts';
import { KUBERNETES_KEY } from '../../../pki/issue/ceph-needs.ts';
import { cephFsid, key } from '../../../pki/holes.ts';
import type { Values } from '../../engine/values.ts';
import { KUBERNETES_USER } from './entities.ts';
import { cephOf, withAddresses } from './ceph.ts';
import { base64 } from '../kubernetes/kubeconfig.ts';
import { hostOf } from '../kubernetes/kubernetes.ts';

export function cephKubernetesView(cluster: Cluster, values: Values) {
  const ceph = cephOf(cluster);
  const mode = `ms_mode=${ceph.encryptionOnWire ? 'secure' : 'prefer-crc'}`;
  const clusterId = values(cephFsid);
  // The port of version 2 of the protocol, which the kernel's clients must use (`ms_mode`, since 5.11).
  const monitors = withAddresses(cluster, monitorsKnownToAll(cluster)).map(({ ip }) => `${hostOf(ip)}:3300`);
  return {
    namespace: CSI_NAMESPACE,
    secret: 'ceph-csi',
    user: base64(KUBERNETES_USER),
    key: values(key(KUBERNETES_KEY), base64),
    clusterId,
    clusters: JSON.stringify([{ clusterID: clusterId, monitors, cephFS: { kernelMountOptions: mode } }]),
    isEncrypted: ceph.encryptionOnWire,
    // The first class is the default for claims that name no class.
    disks: diskPools(ceph).map((pool, index) => ({ name: className('ceph-rbd', index), pool, isDefault: index === 0 })),
    files: dataPools(ceph).map((pool, index) => ({ name: className('ceph-fs', index), pool })),
    fileSystem: FILE_SYSTEM,
    // `controller-publish`: since 3.15 the drivers record the user of a volume on it
    // (https://github.com/ceph/ceph-csi/pull/5429).
    uses: ['provisioner', 'controller-expand', 'controller-publish', 'node-stage'],
  };
}

/** Numbers distinguish further pools of a kind, because a pool's name may be invalid in Kubernetes. */
const className = (kind: string, index: number): string => (index === 0 ? kind : `${kind}-${String(index + 1)}`);
