/** Rules about nodes in several networks: they reach each other, pods reach pods, and the virtual address can move. */
import type { Path } from '../../../diagnostics/path.ts';
import { publicAddress, servesKubernetes } from '../../ceph.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { contains, type Ip, ipOf, rangeOf } from '../../network/net.ts';
import { nodeNetworks } from '../../network/node-networks.ts';
import { isNeighbour, leavesItsNetworks, wayTo } from '../../network/ways.ts';
import { isCephNode, isMaster, isMember } from '../../roles.ts';
import { oncePerPlace } from '../inherited.ts';
import { type Facts, type Rule, quoted } from '../rule.ts';
import { isElsewhere } from './node-addresses.ts';

/** Whether nodes have other networks than the cluster. */
const hasSeveral = (cluster: Cluster): boolean => nodeNetworks(cluster).length > cluster.networking.nodeCidrs.length;

/** The node networks of nodes that contain an address of theirs, in the order of the definition. */
function inhabited(
  cluster: Cluster,
  nodes: readonly Node[],
  isWanted: (address: string) => boolean,
): readonly string[] {
  const own = nodes.flatMap(({ ips, nodeCidrs }) => {
    const addresses = ips.filter(isWanted).map(ipOf);
    return nodeCidrs.filter((cidr) => addresses.some((ip) => contains(rangeOf(cidr), ip)));
  });
  const found = new Set(own);
  return nodeNetworks(cluster).filter((cidr) => found.has(cidr));
}

interface Target {
  readonly node: Node;
  readonly address: string;
  readonly ip: Ip;
}

/** The addresses that a node connects to: members those of all members, Ceph's nodes and clients those of Ceph's nodes. */
function targetsOf(cluster: Cluster) {
  const { ceph, nodes } = cluster;
  const ofMembers = nodes
    .filter(isMember)
    .flatMap((node) => node.ips.map((address): Target => ({ node, address, ip: ipOf(address) })));
  const ofCeph =
    ceph === null
      ? []
      : nodes.filter(isCephNode).flatMap((node): Target[] => {
          const address = publicAddress(ceph, node);
          return address === null ? [] : [{ node, address, ip: ipOf(address) }];
        });
  const hasClients = servesKubernetes(cluster);
  return (node: Node): readonly Target[] => [
    ...(isMember(node) ? ofMembers : []),
    ...(isCephNode(node) || (isMember(node) && hasClients) ? ofCeph : []),
  ];
}

const allReach: Rule = {
  name: 'nodes in different networks reach each other',
  check: (cluster, facts, report) => {
    if (!hasSeveral(cluster)) return;
    const once = oncePerPlace(report);
    const targets = targetsOf(cluster);
    const lost = new Set(cluster.nodes.filter((node) => isElsewhere(cluster, node)));
    for (const node of cluster.nodes) {
      if (node.interfaces.length === 0 || lost.has(node) || leavesItsNetworks(node)) continue;
      const far = targets(node).find((target) => !lost.has(target.node) && !wayTo(node, target.ip));
      if (far === undefined) continue;
      const values = { node: node.name, other: far.node.name, address: far.address };
      once.add('network/node-unreachable', values, { at: facts.at(wayOutOf(node, facts)) });
    }
  },
};

/** The place of the setting that says how the node reaches other networks. */
function wayOutOf({ name }: Node, facts: Facts): Path {
  const places: readonly Path[] = [
    ['nodes', name, 'network', 'gateway'],
    ['nodes', name, 'network', 'node_cidr'],
    ['cluster', 'networking', 'gateway'],
    ['cluster', 'networking', 'node_cidr'],
  ];
  return places.find((path) => facts.has(path)) ?? ['nodes', name, 'ip'];
}

const podsReach: Rule = {
  name: 'routes to pods lead to neighbours',
  check: (cluster, facts, report) => {
    const { cni, podCidrs } = cluster.networking;
    if (cni !== 'routed' || !hasSeveral(cluster)) return;
    const families = new Set(podCidrs.map((cidr) => rangeOf(cidr).family));
    const isOfPods = (address: string): boolean => families.has(ipOf(address).family);
    const members = cluster.nodes.filter((node) => isMember(node) && !isElsewhere(cluster, node));
    const [first] = members;
    if (first === undefined) return;
    const far = members.find((node) => node.ips.some((ip) => isOfPods(ip) && !isNeighbour(first, ipOf(ip))));
    if (far === undefined) return;
    const networks = quoted(inhabited(cluster, members, isOfPods));
    const own: Path = ['nodes', far.name, 'network', 'node_cidr'];
    const at = facts.at([['cluster', 'networking', 'cni'], own].find((path) => facts.has(path)) ?? ['nodes', far.name, 'ip']); // prettier-ignore
    report.add('network/pods-unrouted', { networks }, { at });
  },
};

const mastersTogether: Rule = {
  name: 'masters with a virtual address are in one network',
  check: (cluster, facts, report) => {
    const address = cluster.controlPlane.virtualIp;
    if (address === null) return;
    const { family } = ipOf(address);
    const networks = inhabited(cluster, cluster.nodes.filter(isMaster), (ip) => ipOf(ip).family === family);
    if (networks.length < 2) return;
    const at = facts.at('cluster.control_plane.virtual_ip');
    report.add('network/virtual-ip-apart', { address, networks: quoted(networks) }, { at });
  },
};

export const severalNetworksRules: readonly Rule[] = [allReach, podsReach, mastersTogether];
