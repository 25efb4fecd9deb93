/** The further entries of the store of a cluster with Ceph: the cluster id, and a key for each Ceph entity. */
import { servesKubernetes } from '../../config/ceph.ts';
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
export const BOOTSTRAP_MGR_KEY = keyId('bootstrap-mgr');
export const BOOTSTRAP_MDS_KEY = keyId('bootstrap-mds');
export const KUBERNETES_KEY = keyId('kubernetes');
export const DASHBOARD_PASSWORD = keyId('dashboard');

/**
 * In a stable order; empty for a cluster without Ceph. Managers, metadata servers and OSDs have no key here: the cluster makes one
 * for each when its node asks with a bootstrap key, so a further node needs no change on the monitors.
 */
export function cephKeys(cluster: Cluster): KeyNeed[] {
  if (cluster.ceph === null) return [];
  const ids = [
    ...[MONITOR_KEY, ADMIN_KEY, BOOTSTRAP_OSD_KEY, BOOTSTRAP_MGR_KEY],
    ...(cluster.ceph.cephfs ? [BOOTSTRAP_MDS_KEY] : []),
    ...(servesKubernetes(cluster) ? [KUBERNETES_KEY] : []),
  ];
  const keys = ids.map((id): KeyNeed => ({ id, form: 'cephx', bytes: 16 }));
  // 18 bytes become 24 characters of base64: the password as people type it.
  const password: KeyNeed = { id: DASHBOARD_PASSWORD, form: 'plain', bytes: 18 };
  return cluster.ceph.dashboard ? [...keys, password] : keys;
}
