/**
 * Views of `/etc/cluster-config/*.yaml`: the definition for the node's own scripts and for people. The keys of
 * `cluster.yaml` in canonical form, with defaults, without secrets and without settings of the build machine. Of other
 * nodes there are only those that the image names, with the roles for which it names them. The documents of all nodes
 * together are valid input again.
 */
import type { Cluster, DataDisk, Interface, Node } from '../../../config/cluster.ts';
import { fetchesUpdates, servesJoinPort } from '../../../config/fetching.ts';
import { nodesKnownTo } from '../../../config/first-guess.ts';
import { documentOf, filled, type Document } from '../../../config/notation.ts';
import { hasRole, isCephNode, isMaster, isMember, type Role } from '../../../config/roles.ts';
import { pool } from '../../../config/schema/ceph.ts';
import * as components from '../../../config/schema/components.ts';
import { controlPlane } from '../../../config/schema/cluster.ts';
import { diskSelector, partition } from '../../../config/schema/extras.ts';
import { hostEntry, nicMatch, route } from '../../../config/schema/network.ts';
import type { Subject } from '../subject.ts';

/** One value as a scalar, two (one per address family) as a list. */
function oneOrList<T>(values: readonly T[]): T | readonly T[] | null {
  return values.length === 1 ? (values[0] ?? null) : values;
}

/** The roles for which an image names other nodes. */
const GUESSED: readonly Role[] = ['master', 'ceph-mon'];

/** Of the nodes, only those that the image names. */
export function clusterDocument({ cluster, node: self }: Subject) {
  const known = nodesKnownTo(cluster, self);
  return {
    // Two documents: the first is the same on almost all nodes, and so is made once.
    settings: {
      cluster: filled({
        name: cluster.name,
        domain: cluster.domain,
        timezone: cluster.timezone,
        networking: networkingDocument(cluster),
        control_plane: controlPlaneDocument(cluster, self),
        kubernetes: isMember(self) ? kubernetesDocument(cluster, self) : null,
        bootstrap: bootstrapDocument(cluster),
        ceph: cephDocument(cluster, self, known),
        update: fetchesUpdates(cluster, self) ? updateDocument(cluster) : null,
      }),
    },
    members: {
      nodes: known.map((node) => ({
        name: node.name,
        ip: oneOrList(node.ips),
        roles: node.name === self.name ? node.roles : node.roles.filter((role) => GUESSED.includes(role)),
        ...(node.bootRole === 'master-first' ? { first_master: true } : {}),
      })),
    },
  };
}

function kubernetesDocument({ kubernetes: settings }: Cluster, self: Node): Document {
  const { source, version, runcVersion, config } = settings.containerd;
  const upstream = source === 'upstream' ? { source, version, runc_version: runcVersion } : {};
  return {
    version: settings.version,
    delivery: settings.delivery,
    ...filled({
      containerd: filled({ ...upstream, config }),
      kubelet: documentOf(components.kubelet, settings.kubelet),
      kube_proxy: unlessDefault(documentOf(components.kubeProxy, settings.kubeProxy)),
      ...(isMaster(self) ? masterDocuments(settings) : {}),
    }),
  };
}

/** The settings of the programs of masters. */
const masterDocuments = (settings: Cluster['kubernetes']): Document => ({
  coredns: unlessDefault(documentOf(components.coreDns, settings.coredns)),
  api_server: documentOf(components.apiServer, settings.apiServer),
  controller_manager: documentOf(components.controllerManager, settings.controllerManager),
  scheduler: documentOf(components.scheduler, settings.scheduler),
  etcd: documentOf(components.etcd, settings.etcd),
});

/** Without `enabled: true`, which is the default. */
const unlessDefault = ({ enabled, ...others }: Document): Document => ({
  ...(enabled === true ? {} : { enabled }),
  ...others,
});

function controlPlaneDocument({ controlPlane: of }: Cluster, self: Node): Document {
  const settings = documentOf(controlPlane, of, ['etcd_snapshots', 'cert_sans']);
  const { every, keep, store } = of.etcdSnapshots;
  const where = store === null ? {} : { store: { url: store.url, region: store.region } };
  if (!isMaster(self)) return settings;
  return filled({
    ...settings,
    cert_sans: of.certSans,
    etcd_snapshots: { every: `${String(every)}s`, keep, ...where },
  });
}

function networkingDocument({ networking }: Cluster): Document {
  return filled({
    node_cidr: oneOrList(networking.nodeCidrs),
    gateway: oneOrList(networking.gateways),
    dns: networking.dns,
    search_domains: networking.searchDomains,
    ntp: networking.ntp,
    mtu: networking.mtu,
    pod_cidr: oneOrList(networking.podCidrs),
    service_cidr: oneOrList(networking.serviceCidrs),
    cni: networking.cni,
    cluster_domain: networking.clusterDomain,
  });
}

function bootstrapDocument(cluster: Cluster): Document {
  const { tokenDistribution, port, external } = cluster.bootstrap;
  return filled({
    token_distribution: tokenDistribution,
    port: servesJoinPort(cluster) ? port : null,
    external: external === null ? null : { type: external.type, url: external.url, region: external.region },
  });
}

const updateDocument = ({ update }: Cluster): Document | null =>
  update === null ? null : { url: update.url, hours: oneOrList(update.hours) };

/** Null if the image names no node of Ceph. */
function cephDocument({ ceph }: Cluster, self: Node, known: readonly Node[]): Document | null {
  if (ceph === null || !known.some(isCephNode)) return null;
  // The number of copies may follow the number of hosts; only monitors set it.
  const setsCopies = hasRole(self, 'ceph-mon');
  const settings = filled({
    public_cidr: oneOrList(ceph.publicCidrs),
    cluster_cidr: oneOrList(ceph.clusterCidrs),
    replicas: setsCopies ? ceph.replicas : null,
    min_replicas: setsCopies ? ceph.minReplicas : null,
    failure_domain: ceph.failureDomain,
    encryption_on_wire: ceph.encryptionOnWire,
    dashboard: ceph.dashboard,
    osd_memory_target: ceph.osdMemoryTarget === null ? null : String(ceph.osdMemoryTarget),
    admin_nodes: ceph.adminNodes.filter((name) => known.some((node) => node.name === name)),
    cephfs: ceph.cephfs,
    ...(ceph.csi === null ? { csi: false } : { csi_url: ceph.csi }),
  });
  // If this key were left out, Kubernetes' pool would be the default.
  return { ...settings, pools: ceph.pools.map((one) => documentOf(pool, one)) };
}

export function nodeDocument({ cluster, node }: Subject) {
  const isAtHome = String(node.nodeCidrs) === String(cluster.networking.nodeCidrs);
  return {
    document: {
      node: filled({
        name: node.name,
        hostname: node.hostname,
        ip: oneOrList(node.ips),
        roles: node.roles,
        first_master: node.bootRole === 'master-first' ? true : null,
        hardware: filled({
          mac_addresses: node.macs,
          state_disk: node.stateDisk === null ? null : documentOf(diskSelector, node.stateDisk),
          osd_disks: node.osdDisks.map((disk) => documentOf(diskSelector, disk)),
          data_disks: node.dataDisks.map(dataDiskDocument),
        }),
        network: filled({
          node_cidr: isAtHome ? null : oneOrList(node.nodeCidrs),
          interfaces: node.interfaces.map((of) => interfaceDocument(of, node)),
          hosts: node.hosts.map((one) => documentOf(hostEntry, one)),
        }),
        labels: node.labels,
        annotations: node.annotations,
        taints: node.taints.map((taint) => ({ ...taint })),
        kubelet: isMember(node) ? documentOf(components.kubelet, node.kubelet) : null,
      }),
    },
  };
}

const dataDiskDocument = ({ name, disk, partitions }: DataDisk): Document => ({
  name,
  disk: documentOf(diskSelector, disk),
  partitions: partitions.map((one) => documentOf(partition, one)),
});

function interfaceDocument(of: Interface, node: Node): Document {
  // If this key were left out, the cluster's gateway would be the default for the interface with the node's address.
  const holdsIp = of.addresses.some((address) => node.ips.some((ip) => address.startsWith(`${ip}/`)));
  const noGateway = holdsIp ? 'none' : null;
  return filled({
    name: of.name,
    type: of.type,
    mac: of.type === 'ethernet' ? of.mac : null,
    match: of.type === 'ethernet' && of.match !== null ? documentOf(nicMatch, of.match) : null,
    mode: of.type === 'bond' ? of.mode : null,
    ports: of.type === 'bond' || of.type === 'bridge' ? of.ports : null,
    parent: of.type === 'vlan' ? of.parent : null,
    id: of.type === 'vlan' ? of.id : null,
    mtu: of.mtu,
    addresses: of.addresses,
    gateway: of.gateways.length === 0 ? noGateway : oneOrList(of.gateways),
    dns: of.dns,
    search_domains: of.searchDomains,
    options: of.type === 'bond' ? of.options : null,
    stp: of.type === 'bridge' ? of.stp : null,
    routes: of.routes.map((one) => documentOf(route, one)),
    dhcp4: of.dhcp4,
    autoconf6: of.autoconf6,
    route_metric: of.routeMetric,
    use_dns: of.useDns ? null : false,
    use_routes: of.useRoutes ? null : false,
  });
}
