/** What the store of a cluster with Ceph must hold besides: its id, and a key for each of those who speak to it. */
import { managers, metadataServers, servesKubernetes } from '../../config/ceph.ts';
import type { Cluster } from '../../config/cluster.ts';
import type { KeyNeed } from './key-need.ts';

/** Ceph's name for the cluster, written on every disk of it. */
export const FSID = 'ceph-fsid';

/** Below this, keys are Ceph's: one entity has one key at a time, so they are rotated at one blow. */
export const CEPH_KEYS = 'ceph';
const keyId = (...parts: readonly string[]): string => [CEPH_KEYS, ...parts].join('/');

export const MONITOR_KEY = keyId('mon');
export const ADMIN_KEY = keyId('admin');
export const BOOTSTRAP_OSD_KEY = keyId('bootstrap-osd');
export const KUBERNETES_KEY = keyId('kubernetes');
export const DASHBOARD_PASSWORD = keyId('dashboard');
export const managerKey = (node: string): string => keyId('mgr', node);
export const metadataServerKey = (node: string): string => keyId('mds', node);

/** In a stable order; none for a cluster without Ceph. */
export function cephKeys(cluster: Cluster): KeyNeed[] {
  if (cluster.ceph === null) return [];
  const ids = [
    ...[MONITOR_KEY, ADMIN_KEY, BOOTSTRAP_OSD_KEY],
    ...(servesKubernetes(cluster) ? [KUBERNETES_KEY] : []),
    ...managers(cluster).map(({ name }) => managerKey(name)),
    ...metadataServers(cluster).map(({ name }) => metadataServerKey(name)),
  ];
  const keys = ids.map((id): KeyNeed => ({ id, form: 'cephx', bytes: 16 }));
  // 18 bytes are 24 letters, which is the password as people type it.
  const password: KeyNeed = { id: DASHBOARD_PASSWORD, form: 'plain', bytes: 18 };
  return cluster.ceph.dashboard ? [...keys, password] : keys;
}
