/** The networks of a cluster, and at which address each node is in them. Pure. */
import type { Cidr, Cluster, Interface, Node } from '../config/cluster.ts';
import { etcdAddress, isEtcdApart } from '../config/etcd.ts';
import { networkOf as withoutHost, rangeOf } from '../config/network/net.ts';
import { nodeNetworks } from '../config/network/node-networks.ts';
import { isMaster } from '../config/roles.ts';

export interface Network {
  /** The network, e.g. `192.168.50.0/24`; `DHCP`; or the name of an interface without address. */
  readonly name: string;
  /** Ids of the VLANs that carry it. */
  readonly vlans: readonly number[];
  /** What the definition uses it for. */
  readonly uses: readonly string[];
}

/** A node's place in a network. */
export interface Attachment {
  readonly network: string;
  /** Without the prefix length. */
  readonly address: string;
  readonly interface: string;
}

const networkOf = (cidr: Cidr): Cidr => withoutHost(rangeOf(cidr));

/** In the order in which nodes name them, the network of the nodes first. */
export function networksOf(cluster: Cluster): readonly Network[] {
  const vlans = new Map<string, Set<number>>();
  for (const node of cluster.nodes) {
    for (const one of node.interfaces) {
      for (const { network } of attachmentsOf(one)) {
        const ids = vlans.get(network) ?? new Set();
        const id = vlanOf(one, node);
        if (id !== null) ids.add(id);
        vlans.set(network, ids);
      }
    }
  }
  const names = [...vlans.keys()];
  const ofNodes: readonly string[] = nodeNetworks(cluster).map(networkOf);
  const sorted = [
    ...names.filter((name) => ofNodes.includes(name)),
    ...names.filter((name) => !ofNodes.includes(name)),
  ];
  return sorted.map((name) => ({
    name,
    vlans: [...(vlans.get(name) ?? [])].sort((a, b) => a - b),
    uses: usesOf(cluster, name, ofNodes.includes(name)),
  }));
}

function usesOf(cluster: Cluster, network: string, isOfNodes: boolean): readonly string[] {
  const { ceph } = cluster;
  const holds = (cidrs: readonly Cidr[] = []): boolean => cidrs.some((cidr) => networkOf(cidr) === network);
  const [clients, replication] = [holds(ceph?.publicCidrs), holds(ceph?.clusterCidrs)];
  const storage =
    clients && replication ? ['Ceph'] : clients ? ['Ceph clients'] : replication ? ['Ceph replication'] : [];
  return [...(isOfNodes ? ['nodes'] : []), ...storage, ...(isOfEtcd(cluster, network) ? ['etcd'] : [])];
}

/** Only where it is a network of its own: otherwise it is that of the nodes. */
const isOfEtcd = (cluster: Cluster, network: string): boolean =>
  cluster.nodes
    .filter((node) => isMaster(node) && isEtcdApart(cluster, node))
    .some((node) =>
      nodeAttachments(node).some((one) => one.network === network && one.address === etcdAddress(cluster, node)),
    );

export const nodeAttachments = (node: Node): readonly Attachment[] => node.interfaces.flatMap(attachmentsOf);

function attachmentsOf(of: Interface): readonly Attachment[] {
  const fixed = of.addresses.map((address) => {
    return { network: networkOf(address), address: address.replace(/\/\d+$/, ''), interface: of.name };
  });
  if (fixed.length > 0) return fixed;
  return of.dhcp4 || of.autoconf6 ? [{ network: 'DHCP', address: of.name, interface: of.name }] : [];
}

/** The VLAN of an interface, or of the ports of a bridge on it. */
function vlanOf(of: Interface, node: Node): number | null {
  if (of.type === 'vlan') return of.id;
  if (of.type !== 'bridge') return null;
  const ports = node.interfaces.filter(({ name }) => of.ports.includes(name));
  return ports.map((port) => vlanOf(port, node)).find((id) => id !== null) ?? null;
}
