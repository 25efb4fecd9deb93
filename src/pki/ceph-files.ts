/** The files of a node that Ceph needs: configuration, key rings, each with no more keys than the node's daemons show. */
import { holdsAdminKey, metadataServers, servesKubernetes } from '../config/ceph.ts';
import { isCephNode } from '../config/roles.ts';
import type { Ceph, Cluster, Node } from '../config/cluster.ts';
import { cephConf, cephEnv } from './ceph-conf.ts';
import { ADMIN, BOOTSTRAP_OSD, keyOf, letIn, manager, metadataServer, withKey, type Named } from './ceph-entities.ts';
import { kubernetesStorage } from './ceph-kubernetes.ts';
import { DASHBOARD_PASSWORD } from './ceph-needs.ts';
import { keyring } from './cephx.ts';
import { dashboardAuthority, isMaster, servesDashboard } from './purposes.ts';
import { hidden, open, type StoreFile } from './store-file.ts';
import { bundle, type Store } from './store-model.ts';

/** Debian's user `ceph`, whose number is the same everywhere (/usr/share/doc/base-passwd/users-and-groups). */
const CEPH_UID = 64045;

const ETC = 'etc/ceph';

/** None for a cluster without Ceph. Masters outside of Ceph get what Kubernetes uses of it. */
export function cephFiles(cluster: Cluster, node: Node): StoreFile[] {
  const { ceph } = cluster;
  if (ceph === null) return [];
  return [
    ...(isCephNode(node) ? configuration(cluster, ceph, node) : []),
    ...keyrings(cluster, node),
    ...(servesDashboard(node, cluster) ? [dashboardAuthorities(cluster)] : []),
    ...(isDashboardAdmin(cluster, ceph, node) ? [dashboardPassword] : []),
    ...(isMaster(node) && servesKubernetes(cluster) ? [addon(cluster, ceph)] : []),
  ];
}

function addon(cluster: Cluster, ceph: Ceph): StoreFile {
  const text = (store: Store): string => kubernetesStorage(store, cluster, ceph);
  return hidden('etc/kubernetes/addons/30-ceph.yaml', text, 0, ['cluster.ceph', 'nodes']);
}

function configuration(cluster: Cluster, ceph: Ceph, node: Node): StoreFile[] {
  const settings = ['cluster.ceph', 'cluster.networking.node_cidr', 'nodes'];
  return [
    open(`${ETC}/ceph.conf`, (store) => cephConf(store, cluster, ceph, node), settings),
    open('etc/cluster-config/ceph.env', (store) => cephEnv(store, cluster, ceph, node), settings),
  ];
}

function keyrings(cluster: Cluster, node: Node): StoreFile[] {
  const { name, roles } = node;
  const isAdmin = holdsAdminKey(cluster, node);
  const hasFiles = metadataServers(cluster).some((server) => server.name === name);
  const monitor = [...letIn(cluster), ...(isAdmin ? [ADMIN] : [])];
  return [
    ...(roles.includes('ceph-mon') ? [ring('ceph.mon.keyring', monitor, CEPH_UID, ['nodes', 'cluster.ceph'])] : []),
    ...(isAdmin ? [ring('ceph.client.admin.keyring', [ADMIN], 0, ['cluster.ceph.admin_nodes'])] : []),
    ...(roles.includes('ceph-mgr') ? [ring(`ceph.mgr.${name}.keyring`, [manager(name)])] : []),
    ...(hasFiles ? [ring(`ceph.mds.${name}.keyring`, [metadataServer(name)])] : []),
    ...(roles.includes('ceph-osd') ? [ring('ceph.client.bootstrap-osd.keyring', [BOOTSTRAP_OSD])] : []),
  ];
}

function ring(name: string, entities: readonly Named[], owner = CEPH_UID, settings?: readonly string[]): StoreFile {
  return hidden(`${ETC}/${name}`, (store) => keyring(entities.map((one) => withKey(store, one))), owner, settings);
}

/** The certificate beside it is the store's business like all others; this is for people whose browsers are to trust it. */
function dashboardAuthorities(cluster: Cluster): StoreFile {
  const settings = ['cluster.ceph.dashboard'];
  return open(`${ETC}/dashboard-ca.crt`, (store) => bundle(store, dashboardAuthority(cluster)), settings);
}

/** Whoever sets the password of the dashboard's user: the administrators among the monitors. */
const isDashboardAdmin = (cluster: Cluster, ceph: Ceph, node: Node): boolean =>
  ceph.dashboard && node.roles.includes('ceph-mon') && holdsAdminKey(cluster, node);

const dashboardPassword = hidden(`${ETC}/dashboard-password`, (store) => `${keyOf(store, DASHBOARD_PASSWORD)}\n`, 0, [
  'cluster.ceph.dashboard',
]);
