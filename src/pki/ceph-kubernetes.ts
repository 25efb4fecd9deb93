/**
 * What Kubernetes needs to know to take volumes from Ceph, for the drivers of ceph-csi (https://github.com/ceph/ceph-csi):
 * their namespace and configuration, the key that they show, and a storage class for each pool. The drivers themselves are
 * manifests of others, see `config/ceph-csi.ts`.
 */
import { stringify } from 'yaml';
import { dataPools, diskPools, FILE_SYSTEM } from '../config/ceph.ts';
import { CSI_NAMESPACE } from '../config/ceph-csi.ts';
import type { Ceph, Cluster } from '../config/cluster.ts';
import { fsidOf, monitorsOf } from './ceph-conf.ts';
import { KUBERNETES_USER, keyOf } from './ceph-entities.ts';
import { KUBERNETES_KEY } from './ceph-needs.ts';
import type { Store } from './store-model.ts';

const SECRET = 'ceph-csi';

/** A manifest, secret. @throws IncompleteStore */
export function kubernetesStorage(store: Store, cluster: Cluster, ceph: Ceph): string {
  const fsid = fsidOf(store);
  const documents = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: CSI_NAMESPACE } },
    secret(keyOf(store, KUBERNETES_KEY)),
    ...configMaps(fsid, cluster, ceph),
    ...storageClasses(fsid, ceph),
  ];
  return documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

const inNamespace = (name: string) => ({ name, namespace: CSI_NAMESPACE });

/** Which of the two pairs of names a driver asks for depends on the driver and its release. */
function secret(key: string) {
  // Not as `stringData`, which to the API is a change each time.
  const [id, value] = [KUBERNETES_USER, key].map((text) => Buffer.from(text).toString('base64'));
  const data = { userID: id, userKey: value, adminID: id, adminKey: value };
  return { apiVersion: 'v1', kind: 'Secret', metadata: inNamespace(SECRET), type: 'Opaque', data };
}

/** The port of the protocol's second version, to which the kernel's clients are told to speak (`ms_mode`, since 5.11). */
const port = 3300;
const modeOf = ({ encryptionOnWire }: Ceph): string => `ms_mode=${encryptionOnWire ? 'secure' : 'prefer-crc'}`;

/** The drivers' pods do not start without any of the three. */
function configMaps(fsid: string, cluster: Cluster, ceph: Ceph) {
  const monitors = monitorsOf(cluster, ceph).map(({ address }) => {
    return `${address.includes(':') ? `[${address}]` : address}:${port}`;
  });
  const known = { clusterID: fsid, monitors, cephFS: { kernelMountOptions: modeOf(ceph) } };
  const mode = ceph.encryptionOnWire ? 'ms_client_mode = secure\n' : '';
  const conf = `[global]\nauth_cluster_required = cephx\nauth_service_required = cephx\nauth_client_required = cephx\n${mode}`;
  const map = (name: string, data: Readonly<Record<string, string>>) => {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: inNamespace(name), data };
  };
  return [
    map('ceph-csi-config', { 'config.json': JSON.stringify([known]) }),
    map('ceph-config', { 'ceph.conf': conf, keyring: '' }),
    map('ceph-csi-encryption-kms-config', { 'config.json': '{}' }),
  ];
}

/** The first class is the one that a claim gets which asks for none. */
function storageClasses(fsid: string, ceph: Ceph) {
  const isDefault = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
  const disks = diskPools(ceph).map((pool, index) => ({
    metadata: { name: className('ceph-rbd', index), ...(index === 0 ? isDefault : {}) },
    provisioner: 'rbd.csi.ceph.com',
    parameters: {
      clusterID: fsid,
      pool,
      // What the kernel of the image can do (since 5.4).
      imageFeatures: 'layering,deep-flatten,exclusive-lock,object-map,fast-diff',
      mapOptions: modeOf(ceph),
      ...{ 'csi.storage.k8s.io/fstype': 'ext4', ...secrets },
    },
    mountOptions: ['discard'],
  }));
  const files = dataPools(ceph).map((pool, index) => ({
    metadata: { name: className('ceph-fs', index) },
    provisioner: 'cephfs.csi.ceph.com',
    parameters: { clusterID: fsid, fsName: FILE_SYSTEM, pool, ...secrets },
  }));
  return [...disks, ...files].map((special) => {
    const common = { reclaimPolicy: 'Delete', allowVolumeExpansion: true, volumeBindingMode: 'Immediate' };
    return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', ...special, ...common };
  });
}

/** `controller-publish`: since 3.15 the drivers note on the volume who uses it (https://github.com/ceph/ceph-csi/pull/5429). */
const secrets = Object.fromEntries(
  ['provisioner', 'controller-expand', 'controller-publish', 'node-stage'].flatMap((use) => [
    [`csi.storage.k8s.io/${use}-secret-name`, SECRET],
    [`csi.storage.k8s.io/${use}-secret-namespace`, CSI_NAMESPACE],
  ]),
);

/** Of several pools of a kind, the further ones are told apart by number: a pool's name need not be one of Kubernetes'. */
const className = (kind: string, index: number): string => (index === 0 ? kind : `${kind}-${String(index + 1)}`);
