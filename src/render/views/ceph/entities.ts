/**
 * The entities of a Ceph cluster with their keys and capabilities, as in Ceph's documentation
 * (https://docs.ceph.com/en/reef/rados/operations/user-management/,
 * https://docs.ceph.com/en/reef/install/manual-deployment/).
 */
import {
  dataPools,
  diskPools,
  FILE_SYSTEM,
  holdsAdminKey,
  runsMetadataServer,
  servesKubernetes,
} from '../../../config/ceph.ts';
import type { Ceph, Cluster } from '../../../config/cluster.ts';
import { hasRole } from '../../../config/roles.ts';
import * as ids from '../../../pki/issue/ceph-needs.ts';
import * as holes from '../../../pki/holes.ts';
import type { Values } from '../../engine/values.ts';
import type { Subject } from '../subject.ts';

/** The capabilities of an entity, by the type of daemon. */
type Caps = Readonly<Partial<Record<'mds' | 'mgr' | 'mon' | 'osd', string>>>;

interface Entity {
  /** E.g. `client.admin`. */
  readonly name: string;
  readonly key: holes.Hole;
  readonly caps: Caps;
}

const MONITOR: Entity = { name: 'mon.', key: holes.key(ids.MONITOR_KEY), caps: { mon: 'allow *' } };
const ADMIN: Entity = {
  ...{ name: 'client.admin', key: holes.key(ids.ADMIN_KEY) },
  caps: { mds: 'allow *', mgr: 'allow *', mon: 'allow *', osd: 'allow *' },
};
const BOOTSTRAP_OSD: Entity = {
  ...{ name: 'client.bootstrap-osd', key: holes.key(ids.BOOTSTRAP_OSD_KEY) },
  caps: { mgr: 'allow r', mon: 'profile bootstrap-osd' },
};
// With these two, a node gets the keys of its manager and its metadata server from the monitors.
const BOOTSTRAP_MGR: Entity = {
  ...{ name: 'client.bootstrap-mgr', key: holes.key(ids.BOOTSTRAP_MGR_KEY) },
  caps: { mon: 'profile bootstrap-mgr' },
};
const BOOTSTRAP_MDS: Entity = {
  ...{ name: 'client.bootstrap-mds', key: holes.key(ids.BOOTSTRAP_MDS_KEY) },
  caps: { mon: 'profile bootstrap-mds' },
};

/** The user of ceph-csi, without its `client.`. */
export const KUBERNETES_USER = 'kubernetes';

/** The entities of the images that a monitor accepts, except the administrator. None depends on a node. */
function letIn(cluster: Cluster): Entity[] {
  const { ceph } = cluster;
  const kubernetes = { name: `client.${KUBERNETES_USER}`, key: holes.key(ids.KUBERNETES_KEY) };
  return [
    ...[MONITOR, BOOTSTRAP_OSD, BOOTSTRAP_MGR],
    ...(ceph?.cephfs === true ? [BOOTSTRAP_MDS] : []),
    ...(ceph !== null && servesKubernetes(cluster) ? [{ ...kubernetes, caps: capsOfKubernetes(ceph) }] : []),
  ];
}

/**
 * The capabilities that ceph-csi requires (https://github.com/ceph/ceph-csi/blob/devel/docs/capabilities.md), on its
 * own pools only.
 */
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

/** A keyring with only the keys that the node uses. */
interface Keyring {
  /** In the folder `etc/ceph`. */
  readonly name: string;
  readonly entities: readonly Entity[];
  /** Set for a file that only root reads, not Ceph's daemons. */
  readonly isRoots?: true;
  readonly settings: readonly string[];
}

export function keyringsOf({ cluster, node }: Subject): Keyring[] {
  if (cluster.ceph === null) return [];
  const isAdmin = holdsAdminKey(cluster, node);
  const ring = (entities: readonly Entity[], suffix: string, ...settings: string[]): Keyring => {
    return { name: `ceph.${suffix}.keyring`, entities, settings };
  };
  const monitor = [...letIn(cluster), ...(isAdmin ? [ADMIN] : [])];
  return [
    ...(hasRole(node, 'ceph-mon') ? [ring(monitor, 'mon', 'cluster.ceph')] : []),
    ...(isAdmin ? [{ ...ring([ADMIN], 'client.admin', 'cluster.ceph.admin_nodes'), isRoots: true as const }] : []),
    ...(hasRole(node, 'ceph-mgr') ? [ring([BOOTSTRAP_MGR], 'client.bootstrap-mgr')] : []),
    ...(runsMetadataServer(cluster, node) ? [ring([BOOTSTRAP_MDS], 'client.bootstrap-mds')] : []),
    ...(hasRole(node, 'ceph-osd') ? [ring([BOOTSTRAP_OSD], 'client.bootstrap-osd')] : []),
  ];
}

export const keyringView = ({ entities }: Keyring, values: Values) => ({
  entities: entities.map(({ name, key, caps }) => ({
    ...{ name, key: values(key) },
    caps: Object.entries(caps)
      .toSorted()
      .map(([kind, cap]) => ({ kind, cap })),
  })),
});
