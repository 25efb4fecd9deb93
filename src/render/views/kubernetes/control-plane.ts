/**
 * Views of the programs of masters: etcd, API server, controller manager, scheduler, the virtual address, and the
 * labels of nodes.
 */
import type { Address, Cidr, Cluster } from '../../../config/cluster.ts';
import { releaseOf } from '../../../config/kubernetes/releases.ts';
import { ipOf, rangeOf } from '../../../config/network/net.ts';
import { isMaster } from '../../../config/roles.ts';
import { linesOf } from './joining.ts';
import { addressOf, apiUrl, hostOf, isRestricted, labelLines, members } from './kubernetes.ts';
import { isIpv6, type Subject } from '../subject.ts';

export function etcdView({ cluster, node }: Subject) {
  const clientUrl = `https://${hostOf(addressOf(node))}:2379`;
  return {
    name: node.name,
    clusterName: cluster.name,
    peerUrl: `https://${hostOf(addressOf(node))}:2380`,
    clientUrl,
    listenClientUrls: `${clientUrl},https://127.0.0.1:2379`,
  };
}

/** Without a state disk, a snapshot would end with the data. */
export const makesSnapshots = ({ cluster, node }: Subject): boolean =>
  isMaster(node) && node.stateDisk !== null && cluster.controlPlane.etcdSnapshots.keep > 0;

const copiesSnapshots = (subject: Subject): boolean =>
  makesSnapshots(subject) && subject.cluster.controlPlane.etcdSnapshots.store !== null;

export const snapshotsView = ({ cluster }: Subject) => cluster.controlPlane.etcdSnapshots;
export const snapshotCredentialsView = ({ cluster }: Subject) => ({
  lines: linesOf(cluster.controlPlane.etcdSnapshots.store?.credentials ?? ''),
});
export const snapshotAuthorityView = ({ cluster }: Subject) => ({
  lines: linesOf(cluster.controlPlane.etcdSnapshots.store?.ca ?? ''),
});
export const hasSnapshotCredentials = (subject: Subject): boolean =>
  copiesSnapshots(subject) && snapshotCredentialsView(subject).lines.length > 0;
export const hasSnapshotAuthority = (subject: Subject): boolean =>
  copiesSnapshots(subject) && snapshotAuthorityView(subject).lines.length > 0;

export const apiServerView = (subject: Subject) => ({
  address: addressOf(subject.node),
  port: subject.cluster.controlPlane.port,
  isLowPort: subject.cluster.controlPlane.port < 1024,
  clusterDomain: subject.cluster.networking.clusterDomain,
  serviceCidrs: subject.cluster.networking.serviceCidrs.join(','),
  url: apiUrl(subject),
});

/** Who may call the API server without saying who it is. */
export const authenticationView = ({ kubernetes }: Cluster) => ({
  apiVersion: releaseOf(kubernetes.version).authenticationApi,
});

/** It gives each node its share of the pod network; with Calico, Calico does. */
export function controllerManagerView({ cluster }: Subject) {
  const { podCidrs, nodePodPrefixes, serviceCidrs, cni } = cluster.networking;
  return {
    clusterName: cluster.name,
    serviceCidrs: serviceCidrs.join(','),
    podCidrs: podCidrs.join(','),
    allocates: cni !== 'calico',
    maskSizes: podCidrs.map((cidr, index) => maskSize(cidr, nodePodPrefixes[index] ?? 0, podCidrs.length)),
  };
}

function maskSize(cidr: Cidr, length: number, count: number) {
  const family = `-ipv${String(rangeOf(cidr).family)}`;
  return { flag: `node-cidr-mask-size${count > 1 ? family : ''}`, length };
}

export const hasVirtualIp = ({ cluster, node }: Subject): boolean =>
  cluster.controlPlane.virtualIp !== null && isMaster(node);

export function keepalivedView({ cluster, node }: Subject) {
  const virtualIp = cluster.controlPlane.virtualIp ?? '';
  return {
    name: node.name,
    url: apiUrl({ cluster, node }),
    address: addressOf(node),
    // 1 to 255; the same on all masters, and different for another virtual address in the same network.
    routerId: Number(ipOf(virtualIp).value & 0xffn) || 255,
    virtual: singleHost(virtualIp),
  };
}

const singleHost = (address: Address): Cidr => `${address}/${isIpv6(address) ? '128' : '32'}`;

/** The labels that only masters may set on other nodes; a master sets its own. */
export const restrictedLabelsView = (cluster: Cluster) => ({
  rows: members(cluster)
    .filter((node) => !isMaster(node))
    .flatMap((node) =>
      labelLines(node.labels).flatMap(([key, label]) => (isRestricted(key) ? [{ node: node.name, label }] : [])),
    ),
});
