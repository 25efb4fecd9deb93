/** Views of Ceph on a node: `ceph.conf` for its daemons and commands, `ceph.env` for the node's scripts, and its pools. */
import * as of from '../../../config/ceph.ts';
import type { Address, Ceph, Cluster, Node } from '../../../config/cluster.ts';
import { monitorsKnownTo } from '../../../config/first-guess.ts';
import { hasRole, isCephNode } from '../../../config/roles.ts';
import { DASHBOARD_PASSWORD } from '../../../pki/issue/ceph-needs.ts';
import { cephFsid, key } from '../../../pki/holes.ts';
import type { Values } from '../../engine/values.ts';
import { hostOf } from '../kubernetes/kubernetes.ts';
import type { Subject } from '../subject.ts';

export const hasCeph = ({ cluster, node }: Subject): boolean => cluster.ceph !== null && isCephNode(node);

/** @throws Error for a cluster without Ceph; the catalog has none of these files for it */
export function cephOf({ ceph, name }: Cluster): Ceph {
  if (ceph === null) throw new Error(`${name} has no Ceph`);
  return ceph;
}

export function poolsView({ ceph }: Cluster) {
  const pools = ceph === null ? [] : ceph.pools.map((pool) => ({ ...pool, ...of.sizesOf(ceph, pool) }));
  return { rows: pools.map(({ name, application, size, minSize }) => ({ name, application, size, minSize })) };
}

/** The address of a monitor (`mon_host`): only version 2 of the protocol supports encryption. */
function monitorAddress({ encryptionOnWire }: Ceph, address: Address): string {
  const host = hostOf(address);
  return encryptionOnWire ? `[v2:${host}:3300]` : `[v2:${host}:3300,v1:${host}:6789]`;
}

/** The monitors with their addresses, in the given order. */
export function withAddresses(cluster: Cluster, monitors: readonly Node[]) {
  const ceph = cephOf(cluster);
  return monitors.flatMap(({ name, ...node }) => {
    const ip = of.publicAddress(ceph, { name, ...node });
    return ip === null ? [] : [{ name, ip, address: monitorAddress(ceph, ip) }];
  });
}

const isSingle = (ceph: Ceph): boolean =>
  ceph.replicas === 1 || ceph.pools.some((pool) => of.sizesOf(ceph, pool).size === 1);

export function cephConfView({ cluster, node }: Subject, values: Values) {
  const ceph = cephOf(cluster);
  const monitors = withAddresses(cluster, monitorsKnownTo(cluster, node));
  const { publicCidrs, clusterCidrs } = of.usedNetworks(ceph);
  const isIpv4 = of.familyOf(ceph) === 4;
  return {
    fsid: values(cephFsid),
    monitorAddresses: monitors.map(({ address }) => address).join(','),
    publicNetwork: publicCidrs.join(','),
    clusterNetwork: clusterCidrs.join(','),
    // Set explicitly, because a virtual address may be in the same network.
    publicAddress: of.publicAddress(ceph, node),
    clusterAddress: of.clusterAddress(ceph, node),
    ...{ isIpv4, isIpv6: !isIpv4 },
    isEncrypted: ceph.encryptionOnWire,
    // Monitors alone make pools and the CRUSH map, so only they change when the copies follow the number of hosts.
    monitor: hasRole(node, 'ceph-mon') ? monitorConf(ceph, monitors) : null,
    isManager: hasRole(node, 'ceph-mgr'),
    osd: hasRole(node, 'ceph-osd') ? { host: node.name, memoryTarget: ceph.osdMemoryTarget } : null,
  };
}

const monitorConf = (ceph: Ceph, monitors: readonly { readonly name: string }[]) => ({
  initialMembers: monitors.map(({ name }) => name).join(','),
  ...{ replicas: ceph.replicas, minReplicas: ceph.minReplicas, isSingle: isSingle(ceph) },
  // 1 for a host, 0 for a disk: the numbers of `type` in the CRUSH map.
  failureDomain: ceph.failureDomain === 'host' ? 1 : 0,
  hasDashboard: ceph.dashboard,
});

/** Lists are joined by blanks: all items are names or addresses, which contain none. */
export function cephEnvView({ cluster, node }: Subject, values: Values) {
  const ceph = cephOf(cluster);
  const monitors = withAddresses(cluster, monitorsKnownTo(cluster, node));
  const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
  return {
    fsid: values(cephFsid),
    monitors: monitors.map(({ name }) => name).join(' '),
    monitorIps: monitors.map(({ ip }) => ip).join(' '),
    monitorAddresses: monitors.map(({ address }) => address).join(' '),
    hasFiles: yesNo(ceph.cephfs),
    fileSystem: ceph.cephfs ? of.FILE_SYSTEM : '',
    metadataPool: ceph.cephfs ? of.METADATA_POOL : '',
    dataPools: of.dataPools(ceph).join(' '),
    hasDashboard: yesNo(ceph.dashboard),
  };
}

/** The nodes that set the password of the dashboard's user: monitors with the administrator's key. */
export const isDashboardAdmin = ({ cluster, node }: Subject): boolean =>
  cluster.ceph?.dashboard === true && hasRole(node, 'ceph-mon') && of.holdsAdminKey(cluster, node);

export const dashboardPasswordView = (_: Subject, values: Values) => ({ password: values(key(DASHBOARD_PASSWORD)) });
