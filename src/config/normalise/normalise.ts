/**
 * Normalises the written settings of the cluster: defaults that depend on other settings, sizes and places of nodes, the
 * content of files. It accepts all input that passes the schema; the rules check whether the values make sense.
 */
import { diskPools, withFileSystem } from '../ceph.ts';
import type { Ceph, Cluster, ExternalStore, Image, Manifest, Networking } from '../cluster.ts';
import { defaultJoinPort } from '../join-port.ts';
import { normaliseContainerd } from '../kubernetes/containerd.ts';
import { ipOf, networkOf, parseCidr, rangeOf } from '../network/net.ts';
import { normaliseAccess, reachedDirectly } from './access.ts';
import { normaliseRoute } from './interface.ts';
import { normaliseNodes } from './node.ts';
import { isCephNode, isMember, withRole } from '../roles.ts';
import type { Lock } from '../files/lock-file.ts';
import { credentialFiles, isUrl } from '../files/references.ts';
import { normalised } from '../notation.ts';
import { clusterCeph, pool } from '../schema/ceph.ts';
import * as schema from '../schema/cluster.ts';
import type { WrittenCluster } from '../schema/cluster.ts';
import type { WrittenNode } from '../schema/node.ts';
import { CALICO_MANIFEST, CEPH_CSI_URL } from '../support.ts';
import { mayHaveFirmware } from '../apt-sources.ts';
import { type Texts, textOf } from '../files/text.ts';

/** The cluster of a definition. */
export function normalise(
  written: WrittenCluster,
  nodes: readonly WrittenNode[],
  texts: Texts,
  lock: Lock | null,
): Cluster {
  const network = normaliseNetworking(written, nodes, texts);
  const direct = reachedDirectly(written, nodes, network);
  const access = normaliseAccess(written, direct, texts);
  const networking = { ...network, proxy: access.proxy };
  return {
    name: written.name,
    domain: written.domain ?? null,
    timezone: written.timezone,
    networking,
    controlPlane: normaliseControlPlane(written, texts),
    kubernetes: {
      ...normalised(schema.kubernetes, written.kubernetes),
      containerd: normaliseContainerd(written),
      manifests: written.kubernetes.manifests.map((one) => normaliseManifest(one, texts)),
    },
    registries: access.registries,
    bootstrap: normaliseBootstrap(written, nodes, texts),
    ceph: normaliseCeph(written, nodes, networking),
    image: normaliseImage(written.image),
    update: normaliseUpdate(written, texts),
    secrets: normalised(schema.secrets, written.secrets),
    users: access.users,
    ssh: normalised(schema.ssh, written.ssh),
    lock,
    nodes: normaliseNodes({ cluster: written, networking, access, direct, texts }, nodes),
  };
}

function normaliseNetworking(
  { networking: written }: WrittenCluster,
  nodes: readonly WrittenNode[],
  texts: Texts,
): Omit<Networking, 'proxy'> {
  const gateways = (written.gateway ?? []).filter((gateway) => gateway !== 'none');
  return {
    nodeCidrs: written.node_cidr ?? networkOfFirst(nodes),
    gateways,
    dns: written.dns,
    searchDomains: written.search_domains,
    routes: (written.routes ?? []).map(normaliseRoute),
    ntp: written.ntp,
    mtu: written.mtu ?? null,
    podCidrs: written.pod_cidr,
    serviceCidrs: written.service_cidr,
    nodePodPrefixes: written.node_pod_prefix ?? written.pod_cidr.map((cidr) => (rangeOf(cidr).family === 4 ? 24 : 64)),
    cni: written.cni,
    calicoManifest:
      written.cni === 'calico' ? normaliseManifest(written.calico_manifest ?? CALICO_MANIFEST, texts) : null,
    clusterDomain: written.cluster_domain,
  };
}

function normaliseManifest(written: string, texts: Texts): Manifest {
  if (isUrl(written)) return { name: lastPart(new URL(written).pathname), url: written, content: null };
  return { name: lastPart(written), url: null, content: textOf(written, texts) ?? '' };
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * The network of the first node that has none of its own, around each of its addresses: as its interface says, or the usual one (/24
 * for IPv4, /64 for IPv6). If all nodes have a network of their own, that of the first.
 */
function networkOfFirst(nodes: readonly WrittenNode[]): readonly string[] {
  const first = nodes.find(({ network }) => network?.node_cidr === undefined) ?? nodes[0];
  if (first?.network?.node_cidr) return first.network.node_cidr;
  const written = (first?.network?.interfaces ?? []).flatMap(({ addresses }) => addresses);
  return (first?.ip ?? []).flatMap((address) => {
    const own = written.find((cidr) => cidr.split('/')[0] === address);
    const range = parseCidr(own ?? `${address}/${ipOf(address).family === 4 ? 24 : 64}`);
    return range ? [networkOf(range)] : [];
  });
}

function normaliseControlPlane({ control_plane: written }: WrittenCluster, texts: Texts): Cluster['controlPlane'] {
  const { etcdSnapshots, ...plain } = normalised(schema.controlPlane, written);
  const { store } = written.etcd_snapshots;
  if (store === undefined) return { ...plain, etcdSnapshots: { ...etcdSnapshots, store: null } };
  const { url, region, ca_file, credentials_file } = store;
  const read = { url, region, ca: textOf(ca_file, texts), credentials: textOf(credentials_file, texts) };
  return { ...plain, etcdSnapshots: { ...etcdSnapshots, store: read } };
}

function normaliseBootstrap(
  written: WrittenCluster,
  nodes: readonly WrittenNode[],
  texts: Texts,
): Cluster['bootstrap'] {
  const { token_distribution: distribution, port, token } = written.bootstrap;
  return {
    ...normalised(schema.bootstrap, written.bootstrap),
    tokenDistribution: distribution ?? (token === undefined ? 'http' : 'embedded'), // a token is for images
    port: port ?? defaultJoinPort(written.control_plane.port),
    external: normaliseExternal(written, nodes, texts),
  };
}

function normaliseExternal(
  { bootstrap: { external } }: WrittenCluster,
  nodes: readonly WrittenNode[],
  texts: Texts,
): ExternalStore | null {
  if (external === undefined) return null;
  const { type, url, region, ca_file } = external;
  const credentials = credentialFiles(external, nodes).flatMap(({ node, file }) => {
    const text = textOf(file, texts);
    return text === null ? [] : [[node, text] as const];
  });
  return { type, url, region, ca: textOf(ca_file, texts), credentials: Object.fromEntries(credentials) };
}

function normaliseCeph({ ceph }: WrittenCluster, nodes: readonly WrittenNode[], networking: Networking): Ceph | null {
  if (!nodes.some(isCephNode)) return null;
  const hosts = withRole(nodes, 'ceph-osd').length;
  const monitors = withRole(nodes, 'ceph-mon').map(({ name }) => name);
  const replicas = ceph.replicas ?? Math.max(1, Math.min(3, hosts));
  const publicCidrs = ceph.public_cidr ?? networksOf(nodes.filter(isCephNode), networking);
  const pools = normalisePools(ceph, nodes);
  const hasVolumes = nodes.some(isMember) && (ceph.cephfs || diskPools({ pools }).length > 0);
  const { publicCidr: _public, clusterCidr: _cluster, csiUrl: _url, ...plain } = normalised(clusterCeph, ceph);
  return {
    ...plain,
    publicCidrs,
    clusterCidrs: ceph.cluster_cidr ?? publicCidrs,
    replicas,
    minReplicas: ceph.min_replicas ?? Math.max(1, replicas - 1),
    adminNodes: (ceph.admin_nodes ?? monitors).toSorted(),
    pools,
    csi: ceph.csi && hasVolumes ? (ceph.csi_url ?? CEPH_CSI_URL) : null,
  };
}

/** The node networks that these nodes are in. */
function networksOf(nodes: readonly WrittenNode[], { nodeCidrs }: Networking): readonly string[] {
  const own = new Set(nodes.map(({ network }) => network?.node_cidr ?? nodeCidrs));
  return own.size === 1 && own.has(nodeCidrs) ? nodeCidrs : [...new Set([...own].flat())];
}

/** If Ceph serves a Kubernetes cluster and the user lists no pools, there is a pool for volumes of Kubernetes. */
function normalisePools({ pools, cephfs }: WrittenCluster['ceph'], nodes: readonly WrittenNode[]): Ceph['pools'] {
  const implied = nodes.some(isMember) ? [{ name: 'kubernetes', application: 'rbd' as const, replicas: null }] : [];
  const named = pools?.map((one) => normalised(pool, one)) ?? implied;
  return withFileSystem(named, cephfs);
}

function normaliseUpdate({ update }: WrittenCluster, texts: Texts): Cluster['update'] {
  return update === undefined ? null : { url: update.url, hours: update.hours, ca: textOf(update.ca_file, texts) };
}

function normaliseImage(image: WrittenCluster['image']): Image {
  const { kernelArgs: _args, packages: _packages, ...plain } = normalised(schema.image, image);
  const nonFreeFirmware = image.non_free_firmware ?? mayHaveFirmware(image.mirrors);
  const install = image.install ?? image.formats.includes('update');
  return { ...plain, formats: [...new Set(image.formats)], install, nonFreeFirmware };
}
