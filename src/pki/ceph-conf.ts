/**
 * The configuration of Ceph on a node: `ceph.conf` for its daemons and commands, `ceph.env` for the node's scripts. Both name
 * the cluster by its id, which is in the store; hence they are made here.
 */
import * as of from '../config/ceph.ts';
import type { Address, Ceph, Cluster, Node } from '../config/cluster.ts';
import { FSID } from './ceph-needs.ts';
import { entry, type Store } from './store-model.ts';

/** The random id in the shape of a UUID (RFC 9562, version 4), as Ceph wants it. @throws IncompleteStore */
export function fsidOf(store: Store): string {
  const digits = [...entry(store.ids, FSID)];
  digits[12] = '4';
  digits[16] = ((Number.parseInt(digits[16] ?? '0', 16) & 3) | 8).toString(16);
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const hostOf = (address: Address): string => (address.includes(':') ? `[${address}]` : address);

/** How a monitor is reached (`mon_host`): encrypted traffic knows the second version of the protocol alone. */
function monitorAddress({ encryptionOnWire }: Ceph, address: Address): string {
  const host = hostOf(address);
  return encryptionOnWire ? `[v2:${host}:3300]` : `[v2:${host}:3300,v1:${host}:6789]`;
}

/** The monitors with their addresses, by name. */
export function monitorsOf(cluster: Cluster, ceph: Ceph) {
  return of.monitors(cluster).flatMap((node) => {
    const address = of.publicAddress(ceph, node);
    return address === null ? [] : [{ name: node.name, address }];
  });
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** https://docs.ceph.com/en/reef/rados/configuration/; every key is known to the packaged release, which a test asks. */
export function cephConf(store: Store, cluster: Cluster, ceph: Ceph, node: Node): string {
  const monitors = monitorsOf(cluster, ceph);
  const sections: Readonly<Record<string, Settings>> = {
    global: {
      fsid: fsidOf(store),
      mon_initial_members: monitors.map(({ name }) => name).join(','),
      mon_host: monitors.map(({ address }) => monitorAddress(ceph, address)).join(','),
      ...networkSettings(ceph, node),
      ...{ auth_cluster_required: 'cephx', auth_service_required: 'cephx', auth_client_required: 'cephx' },
      ...(ceph.encryptionOnWire ? ENCRYPTED : {}),
      osd_pool_default_size: ceph.replicas,
      osd_pool_default_min_size: ceph.minReplicas,
      osd_crush_chooseleaf_type: ceph.failureDomain === 'host' ? 1 : 0,
      ...LOGS,
    },
    mon: { ...monitorSettings(ceph), ...(isSingle(ceph) ? SINGLE_COPY : {}) },
    mgr: { ...MANAGER, ...KEYRING },
    mds: KEYRING,
    ...(node.roles.includes('ceph-osd') ? { osd: osdSettings(ceph, node) } : {}),
  };
  return `${HEADER}${Object.entries(sections).map(formatSection).join('\n')}`;
}

/** The keys in the image are the ones that count, so nothing is copied. */
const KEYRING: Settings = { keyring: '/etc/ceph/$cluster.$name.keyring' };

/** Modules for tests, or without the Python that they ask for; a manager loads all that are there at each start. */
const MANAGER: Settings = { mgr_disabled_modules: 'influx,osd_support,restful,selftest,test_orchestrator' };

function osdSettings({ osdMemoryTarget }: Ceph, node: Node): Settings {
  return {
    // The host in the CRUSH map is the node, also where host names are alike up to the first dot.
    crush_location: `root=default host=${node.name}`,
    ...(osdMemoryTarget === null ? {} : { osd_memory_target: osdMemoryTarget }),
  };
}

const HEADER = '# Made by coldstart; change cluster.yaml instead.\n';

const formatSection = ([name, settings]: readonly [string, Settings]): string =>
  [`[${name}]`, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`), ''].join('\n');

/** The addresses are named, as a virtual address may lie in the same network. */
function networkSettings(ceph: Ceph, node: Node): Settings {
  const { publicCidrs, clusterCidrs } = of.usedNetworks(ceph);
  const isIpv4 = of.familyOf(ceph) === 4;
  const [own, peer] = [of.publicAddress(ceph, node), of.clusterAddress(ceph, node)];
  return {
    public_network: publicCidrs.join(','),
    cluster_network: clusterCidrs.join(','),
    ...(own === null ? {} : { public_addr: own }),
    ...(peer === null ? {} : { cluster_addr: peer }),
    ...{ ms_bind_ipv4: isIpv4, ms_bind_ipv6: !isIpv4 },
  };
}

/** The first version of the protocol cannot encrypt, so nobody speaks it. */
const ENCRYPTED: Settings = {
  ...{ ms_cluster_mode: 'secure', ms_service_mode: 'secure', ms_client_mode: 'secure' },
  ...{ ms_mon_cluster_mode: 'secure', ms_mon_service_mode: 'secure', ms_mon_client_mode: 'secure' },
  ms_bind_msgr1: false,
};

/** To the journal, which has limits; files in /var/log/ceph would grow until the disk is full. */
const LOGS: Settings = {
  ...{ log_to_stderr: false, err_to_stderr: true, log_to_file: false, log_to_journald: true },
  ...{ mon_cluster_log_to_file: false, mon_cluster_log_to_journald: true },
};

function monitorSettings({ dashboard }: Ceph): Settings {
  return {
    // Every client is of this release, so nobody needs what CVE-2021-20288 is about, and the warning about it has no cause.
    auth_allow_insecure_global_id_reclaim: false,
    // A lease of the monitors lasts 5 s; clocks that have just been set differ by more than the default of 0.05 s.
    mon_clock_drift_allowed: 0.25,
    // /var holds images and pods, too; at 30 % free, the default, nothing is amiss yet.
    mon_data_avail_warn: 15,
    // The default names modules that Debian's Python cannot load, which is a warning for ever. One that is switched on later
    // restarts the manager, which may be making its pool just then.
    mgr_initial_modules: dashboard ? 'iostat dashboard' : 'iostat',
  };
}

const isSingle = (ceph: Ceph): boolean =>
  ceph.replicas === 1 || ceph.pools.some((pool) => of.sizesOf(ceph, pool).size === 1);

/** `ceph/no-redundancy` has warned when the image was made. */
const SINGLE_COPY: Settings = { mon_allow_pool_size_one: true, mon_warn_on_pool_no_redundancy: false };

/** Lists are joined by blanks: no item can hold one, all are names or addresses. */
export function cephEnv(store: Store, cluster: Cluster, ceph: Ceph, node: Node): string {
  const monitors = monitorsOf(cluster, ceph);
  const names = (nodes: readonly Node[]): string => nodes.map(({ name }) => name).join(' ');
  const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
  const values: Readonly<Record<string, string | number>> = {
    CEPH_FSID: fsidOf(store),
    CEPH_MONS: monitors.map(({ name }) => name).join(' '),
    CEPH_MON_IPS: monitors.map(({ address }) => address).join(' '),
    CEPH_MON_ADDRS: monitors.map(({ address }) => monitorAddress(ceph, address)).join(' '),
    CEPH_MGRS: names(of.managers(cluster)),
    CEPH_MDSS: names(of.metadataServers(cluster)),
    CEPH_OSD_HOSTS: names(of.osdHosts(cluster)),
    CEPH_PUBLIC_IP: of.publicAddress(ceph, node) ?? '',
    CEPH_REPLICAS: ceph.replicas,
    CEPH_MIN_REPLICAS: ceph.minReplicas,
    CEPH_FAILURE_DOMAIN: ceph.failureDomain,
    CEPH_OSD_MEMORY_TARGET: ceph.osdMemoryTarget ?? '',
    CEPH_CEPHFS: yesNo(ceph.cephfs),
    CEPH_FS_NAME: ceph.cephfs ? of.FILE_SYSTEM : '',
    CEPH_FS_METADATA_POOL: ceph.cephfs ? of.METADATA_POOL : '',
    CEPH_FS_DATA_POOLS: of.dataPools(ceph).join(' '),
    CEPH_DASHBOARD: yesNo(ceph.dashboard),
  };
  return `${HEADER}${Object.entries(values)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('')}`;
}
