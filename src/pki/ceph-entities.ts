/**
 * Who speaks to a cluster of Ceph, by which key, and what each may do: as Ceph's own documentation has it
 * (https://docs.ceph.com/en/reef/rados/operations/user-management/, https://docs.ceph.com/en/reef/install/manual-deployment/).
 */
import { dataPools, diskPools, FILE_SYSTEM, managers, metadataServers, servesKubernetes } from '../config/ceph.ts';
import type { Ceph, Cluster } from '../config/cluster.ts';
import * as ids from './ceph-needs.ts';
import type { Caps, Entity } from './cephx.ts';
import { reveal } from './secret.ts';
import { entry, type Store } from './store-model.ts';

const MONITOR = { name: 'mon.', id: ids.MONITOR_KEY, caps: { mon: 'allow *' } };
export const ADMIN = {
  ...{ name: 'client.admin', id: ids.ADMIN_KEY },
  caps: { mds: 'allow *', mgr: 'allow *', mon: 'allow *', osd: 'allow *' },
};
export const BOOTSTRAP_OSD = {
  ...{ name: 'client.bootstrap-osd', id: ids.BOOTSTRAP_OSD_KEY },
  caps: { mgr: 'allow r', mon: 'profile bootstrap-osd' },
};
export const manager = (node: string): Named => ({
  ...{ name: `mgr.${node}`, id: ids.managerKey(node) },
  caps: { mds: 'allow *', mon: 'profile mgr', osd: 'allow *' },
});
export const metadataServer = (node: string): Named => ({
  ...{ name: `mds.${node}`, id: ids.metadataServerKey(node) },
  caps: { mds: 'allow *', mgr: 'profile mds', mon: 'profile mds', osd: 'allow *' },
});

/** The user of ceph-csi, without its `client.`. */
export const KUBERNETES_USER = 'kubernetes';

/** An entity, and where its key is in the store. */
export interface Named {
  readonly name: string;
  readonly id: string;
  readonly caps: Caps;
}

/** All whom a monitor lets in, but for the administrator. */
export function letIn(cluster: Cluster): Named[] {
  const { ceph } = cluster;
  const kubernetes = { name: `client.${KUBERNETES_USER}`, id: ids.KUBERNETES_KEY };
  return [
    ...[MONITOR, BOOTSTRAP_OSD],
    ...(ceph !== null && servesKubernetes(cluster) ? [{ ...kubernetes, caps: capsOfKubernetes(ceph) }] : []),
    ...managers(cluster).map(({ name }) => manager(name)),
    ...metadataServers(cluster).map(({ name }) => metadataServer(name)),
  ];
}

/** What ceph-csi asks for (https://github.com/ceph/ceph-csi/blob/devel/docs/capabilities.md), on its own pools alone. */
function capsOfKubernetes(ceph: Ceph): Caps {
  const disks = diskPools(ceph).map((pool) => `profile rbd pool=${pool}`);
  const hasFiles = ceph.cephfs && dataPools(ceph).length > 0;
  const tag = (key: string): string => `allow rw tag cephfs ${key}=${FILE_SYSTEM}`;
  const files: Caps = {
    mds: `allow r fsname=${FILE_SYSTEM} path=/volumes, allow rws fsname=${FILE_SYSTEM} path=/volumes/csi`,
    mgr: 'allow rw',
    mon: `allow r fsname=${FILE_SYSTEM}`,
    osd: [tag('metadata'), tag('data')].join(', '),
  };
  const both = (kind: 'mgr' | 'mon' | 'osd', forDisks: readonly string[]): string =>
    [...(disks.length > 0 ? forDisks : []), ...(hasFiles ? [files[kind] ?? ''] : [])].join(', ');
  return {
    ...(hasFiles ? { mds: files.mds } : {}),
    ...{ mgr: both('mgr', disks), mon: both('mon', ['profile rbd']), osd: both('osd', disks) },
  };
}

/** With its key, as it stands in a key ring. @throws IncompleteStore */
export const withKey = (store: Store, { name, id, caps }: Named): Entity => ({ name, key: keyOf(store, id), caps });

/** A key as it is now. @throws IncompleteStore */
export const keyOf = (store: Store, id: string): string => reveal(entry(store.keys, id).current);
