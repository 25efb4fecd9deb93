/** Rules about the node networks as such: they have room for the nodes, and nodes are in them. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Cidr, Cluster } from '../../cluster.ts';
import { memo } from '../../memo.ts';
import { contains, type IpRange, ipOf, networkOf, overlaps, rangeOf } from '../../network/net.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import { type Facts, type Rule, quoted } from '../rule.ts';

/** A node network, with the addresses of the nodes that should be in it. */
interface NodeNetwork {
  readonly cidr: Cidr;
  readonly range: IpRange;
  readonly addresses: ReadonlySet<string>;
}

/** The node networks by their text, the cluster's first. */
const networksOf = memo(({ networking, nodes }: Cluster): ReadonlyMap<Cidr, NodeNetwork> => {
  const found = new Map<Cidr, NodeNetwork & { readonly addresses: Set<string> }>();
  const at = (cidr: Cidr) => {
    const network = found.get(cidr) ?? { cidr, range: rangeOf(cidr), addresses: new Set() };
    found.set(cidr, network);
    return network;
  };
  networking.nodeCidrs.forEach(at);
  for (const { ips, nodeCidrs } of nodes) {
    for (const { range, addresses } of nodeCidrs.map(at)) {
      for (const ip of ips.filter((address) => ipOf(address).family === range.family)) addresses.add(ip);
    }
  }
  return found;
});

const acceptedNetworks = memo((cluster: Cluster): ReadonlyMap<Cidr, IpRange> => {
  const accepted = [...networksOf(cluster).values()].filter((network) => !isRefused(cluster, network));
  return new Map(accepted.map(({ cidr, range }) => [cidr, range]));
});

/** The node networks, or those of `cidrs`, without those that {@link isRefused}. */
export function nodeRanges(cluster: Cluster, cidrs?: readonly Cidr[]): readonly IpRange[] {
  const accepted = acceptedNetworks(cluster);
  if (cidrs === undefined) return [...accepted.values()];
  return cidrs.flatMap((cidr) => accepted.get(cidr) ?? []);
}

/** Whether another diagnostic is about the node network itself. Then addresses outside of it cause no further diagnostics. */
const isRefused = (cluster: Cluster, network: NodeNetwork): boolean =>
  specialNetwork(network.range, 'own')?.severity === 'error' || isTooSmall(network) || isElsewhere(cluster, network);

/** Whether an address should be in one of the node networks `cidrs` but is in none. */
export function isOutside(cluster: Cluster, address: string, cidrs: readonly Cidr[]): boolean {
  const ip = ipOf(address);
  const all = cidrs.map(rangeOf);
  const ranges = nodeRanges(cluster, cidrs);
  const isUnsure = all.some(
    (range) => range.family === ip.family && !ranges.some(({ value }) => value === range.value),
  );
  return ranges.length > 0 && !isUnsure && !ranges.some((range) => contains(range, ip));
}

/** How many machines a network has room for: all addresses, without those of the network and of broadcasts (IPv4, RFC 3021). */
function roomOf({ family, prefix, network, last }: IpRange): bigint {
  const size = last - network + 1n;
  return family === 4 && prefix < 31 ? size - 2n : size;
}

const isTooSmall = ({ range, addresses }: NodeNetwork): boolean => roomOf(range) < BigInt(addresses.size);

/** Whether the network contains no node. For a single node outside, the gateway shows whether the address or the network is wrong. */
function isElsewhere({ networking }: Cluster, { cidr, range, addresses }: NodeNetwork): boolean {
  const own = [...addresses];
  if (own.length === 0 || own.some((address) => contains(range, ipOf(address)))) return false;
  if (own.length > 1 || !networking.nodeCidrs.includes(cidr)) return own.length > 1;
  const gateways = networking.gateways.filter((gateway) => ipOf(gateway).family === range.family);
  return gateways.some((gateway) => !contains(range, ipOf(gateway)));
}

/** Whether the network overlaps the pods' or the services', which `network/overlap` reports. */
const isOverlapping = ({ networking }: Cluster, range: IpRange): boolean =>
  [...networking.podCidrs, ...networking.serviceCidrs].some((cidr) => overlaps(rangeOf(cidr), range));

/** Each node network with the place where it is first said: the cluster, or a node. */
const placesOfNetworks = memo((facts: Facts): ReadonlyMap<Cidr, Path> => {
  const settings: readonly (readonly [Path, readonly Cidr[] | undefined])[] = [
    [['cluster', 'networking', 'node_cidr'], facts.cluster.networking.node_cidr],
    ...facts.nodes.map((node) => {
      const cidrs = node.network?.node_cidr;
      return [cidrs ? ['nodes', node.name, 'network', 'node_cidr'] : [], cidrs] as const;
    }),
  ];
  const places = settings.flatMap(([path, cidrs = []]) =>
    cidrs.map((cidr, index) => [cidr, [...path, index]] as const),
  );
  return new Map(places.toReversed());
});

const rightNetworks: Rule = {
  name: 'a node network has room for the nodes and contains some of them',
  check: (cluster, facts, report) => {
    const places = placesOfNetworks(facts);
    for (const network of networksOf(cluster).values()) {
      const { cidr, range, addresses } = network;
      const at = facts.at(places.get(cidr) ?? 'cluster.networking.node_cidr[0]');
      if (specialNetwork(range, 'own')?.severity === 'error' || isOverlapping(cluster, range)) continue;
      if (isTooSmall(network)) {
        const values = { cidr, room: String(roomOf(range)), count: addresses.size };
        report.add('network/node-cidr-too-small', values, { at });
      } else if (isElsewhere(cluster, network)) {
        const all = [...addresses];
        const some = all.length > 3 ? `${quoted(all.slice(0, 3))} and more` : quoted(all);
        report.add('network/no-node-inside', { network: networkOf(range), addresses: some }, { at });
      }
    }
  },
};

export const nodeNetworkRules: readonly Rule[] = [rightNetworks];
