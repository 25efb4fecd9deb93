/**
 * Derives Ceph's daemons, their nodes and addresses, and the pools from a cluster. A daemon has the name of its node. All
 * daemons use one address family, that of the first public network: Ceph publishes one address for each daemon, so a second
 * family would reach only some of them.
 */
import type { Address, Ceph, Cidr, Cluster, Node } from './cluster.ts';
import { memo } from './memo.ts';
import { contains, formatIp, rangeOf, type Family } from './network/net.ts';
import { hasRole, isMember, withRole } from './roles.ts';

export const monitors = (cluster: Cluster): Node[] => withRole(cluster.nodes, 'ceph-mon');
export const osdHosts = (cluster: Cluster): Node[] => withRole(cluster.nodes, 'ceph-osd');

/**
 * Whether the node runs a metadata server. Every manager's node does, so that a node's own roles decide, and a further node changes
 * no other. As with the managers, one is active and the others are on standby.
 */
export const runsMetadataServer = ({ ceph }: Cluster, node: Node): boolean =>
  ceph?.cephfs === true && hasRole(node, 'ceph-mgr');

export const holdsAdminKey = ({ ceph }: Cluster, { name }: Node): boolean => ceph?.adminNodes.includes(name) === true;

export function familyOf({ publicCidrs }: Ceph): Family {
  const [first = '0.0.0.0/0'] = publicCidrs;
  return rangeOf(first).family;
}

/** The networks in use: those of the family {@link familyOf}. */
export const usedNetworks = memo((ceph: Ceph) => {
  const inFamily = (cidrs: readonly Cidr[]): Cidr[] => cidrs.filter((cidr) => rangeOf(cidr).family === familyOf(ceph));
  return { publicCidrs: inFamily(ceph.publicCidrs), clusterCidrs: inFamily(ceph.clusterCidrs) };
});

/** The node's address in the public network, where monitors, managers and clients reach it; null if it has none. */
export const publicAddress = (ceph: Ceph, node: Node): Address | null =>
  addressIn(node, usedNetworks(ceph).publicCidrs);

/** The node's address for replication. */
export const clusterAddress = (ceph: Ceph, node: Node): Address | null =>
  addressIn(node, usedNetworks(ceph).clusterCidrs);

/** The node's address in the networks: its own one if possible, otherwise a further one of an interface. */
function addressIn({ ips, interfaces }: Node, cidrs: readonly Cidr[]): Address | null {
  const ranges = cidrs.map(rangeOf);
  const own = ips.map((address) => rangeOf(`${address}/${address.includes(':') ? 128 : 32}`));
  const all = [...own, ...interfaces.flatMap(({ addresses }) => addresses.map(rangeOf))];
  const found = all.find((address) => ranges.some((range) => contains(range, address)));
  return found === undefined ? null : formatIp(found);
}

/** Whether Kubernetes uses Ceph volumes in this cluster. */
export const servesKubernetes = ({ ceph, nodes }: Cluster): boolean =>
  ceph !== null && nodes.some(isMember) && (ceph.cephfs || diskPools(ceph).length > 0);

/** Name of the one file system. */
export const FILE_SYSTEM = 'cephfs';
export const METADATA_POOL = 'cephfs_metadata';
const DATA_POOL = 'cephfs_data';
/** Names of the file system's pools, which other pools may not have. */
export const RESERVED_POOLS: readonly string[] = [METADATA_POOL, DATA_POOL];

/** Whether Ceph itself uses the name of a pool: for its manager (until release 16) and for object gateways. */
export const isPoolOfCeph = (name: string): boolean =>
  /^device_health_metrics$|\.rgw\.(buckets\.(data|index|non-ec)|control|log|meta|otp)$/.test(name);

type Pools = Ceph['pools'];

/** The pools of the definition, and those that CephFS needs. */
export function withFileSystem(pools: Pools, cephfs: boolean): Pools {
  if (!cephfs) return pools;
  const named = (name: string) => ({ name, application: 'cephfs' as const, replicas: null });
  const hasMetadata = pools.some(({ name }) => name === METADATA_POOL);
  const hasData = pools.some(({ name, application }) => application === 'cephfs' && name !== METADATA_POOL);
  return [...pools, ...(hasMetadata ? [] : [named(METADATA_POOL)]), ...(hasData ? [] : [named(DATA_POOL)])];
}

/** Pools with the data of files; the first is the default pool of the file system. */
export function dataPools({ cephfs, pools }: Ceph): string[] {
  const files = pools.filter(({ name, application }) => cephfs && application === 'cephfs' && name !== METADATA_POOL);
  return files.map(({ name }) => name);
}

/** Pools for block devices (RBD images). */
export const diskPools = ({ pools }: Pick<Ceph, 'pools'>): string[] =>
  pools.filter(({ application }) => application === 'rbd').map(({ name }) => name);

/** Copies of each object in a pool, and the copies that must be available for writes. */
export function sizesOf(ceph: Ceph, { replicas }: Pools[number]): { readonly size: number; readonly minSize: number } {
  if (replicas === null || replicas === ceph.replicas) return { size: ceph.replicas, minSize: ceph.minReplicas };
  return { size: replicas, minSize: Math.max(1, replicas - 1) };
}
