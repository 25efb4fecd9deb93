/** The further entries of the store of a cluster with Ceph: the cluster id, and a key for each Ceph entity. */
import { managers, metadataServers, servesKubernetes } from '../../config/ceph.ts';
import type { Cluster } from '../../config/cluster.ts';
import type { KeyNeed } from './key-need.ts';

/** Ceph's cluster id (fsid), which is written on each of its disks. */
export const FSID = 'ceph-fsid';

/** The keys below this prefix are Ceph's. An entity has one key at a time, so a rotation replaces it in one step. */
export const CEPH_KEYS = 'ceph';
const keyId = (...parts: readonly string[]): string => [CEPH_KEYS, ...parts].join('/');

export const MONITOR_KEY = keyId('mon');
export const ADMIN_KEY = keyId('admin');
export const BOOTSTRAP_OSD_KEY = keyId('bootstrap-osd');
export const KUBERNETES_KEY = keyId('kubernetes');
export const DASHBOARD_PASSWORD = keyId('dashboard');
export const managerKey = (node: string): string => keyId('mgr', node);
export const metadataServerKey = (node: string): string => keyId('mds', node);

/** In a stable order; empty for a cluster without Ceph. */
export function cephKeys(cluster: Cluster): KeyNeed[] {
  if (cluster.ceph === null) return [];
  const ids = [
    ...[MONITOR_KEY, ADMIN_KEY, BOOTSTRAP_OSD_KEY],
    ...(servesKubernetes(cluster) ? [KUBERNETES_KEY] : []),
    ...managers(cluster).map(({ name }) => managerKey(name)),
    ...metadataServers(cluster).map(({ name }) => metadataServerKey(name)),
  ];
  const keys = ids.map((id): KeyNeed => ({ id, form: 'cephx', bytes: 16 }));
  // 18 bytes become 24 characters of base64: the password as people type it.
  const password: KeyNeed = { id: DASHBOARD_PASSWORD, form: 'plain', bytes: 18 };
  return cluster.ceph.dashboard ? [...keys, password] : keys;
}
