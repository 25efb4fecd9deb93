/** Rules about the node networks as such: they have room for the nodes, and nodes are in them. */
import type { Cluster } from '../../cluster.ts';
import { memo } from '../../memo.ts';
import { contains, type IpRange, ipOf, networkOf, overlaps, rangeOf } from '../../network/net.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import { type Rule, quoted } from '../rule.ts';

/** The node networks, without those that {@link isRefused}. */
export const nodeRanges = memo((cluster: Cluster): readonly IpRange[] =>
  cluster.networking.nodeCidrs.map(rangeOf).filter((range) => !isRefused(cluster, range)),
);

/** Whether another diagnostic is about the node network itself. Then addresses outside of it cause no further diagnostics. */
const isRefused = (cluster: Cluster, range: IpRange): boolean =>
  specialNetwork(range, 'own')?.severity === 'error' || isTooSmall(cluster, range) || isElsewhere(cluster, range);

/** Whether an address should be in a node network but is in none. */
export function isOutside(cluster: Cluster, address: string): boolean {
  const ip = ipOf(address);
  const all = cluster.networking.nodeCidrs.map(rangeOf);
  const ranges = nodeRanges(cluster);
  const isUnsure = all.some(
    (range) => range.family === ip.family && !ranges.some(({ value }) => value === range.value),
  );
  return ranges.length > 0 && !isUnsure && !ranges.some((range) => contains(range, ip));
}

/** The nodes' addresses of the network's family. */
const addressesFor = ({ nodes }: Cluster, { family }: IpRange): readonly string[] => [
  ...new Set(nodes.flatMap(({ ips }) => ips).filter((address) => ipOf(address).family === family)),
];

/** How many machines a network has room for: all addresses, without those of the network and of broadcasts (IPv4, RFC 3021). */
function roomOf({ family, prefix, network, last }: IpRange): bigint {
  const size = last - network + 1n;
  return family === 4 && prefix < 31 ? size - 2n : size;
}

const isTooSmall = (cluster: Cluster, range: IpRange): boolean =>
  roomOf(range) < BigInt(addressesFor(cluster, range).length);

/** Whether the network contains no node. For a single node outside, the gateway shows whether the address or the network is wrong. */
function isElsewhere(cluster: Cluster, range: IpRange): boolean {
  const own = addressesFor(cluster, range);
  if (own.length === 0 || own.some((address) => contains(range, ipOf(address)))) return false;
  const gateways = cluster.networking.gateways.filter((gateway) => ipOf(gateway).family === range.family);
  return own.length > 1 || gateways.some((gateway) => !contains(range, ipOf(gateway)));
}

/** Whether the network overlaps the pods' or the services', which `network/overlap` reports. */
const isOverlapping = ({ networking }: Cluster, range: IpRange): boolean =>
  [...networking.podCidrs, ...networking.serviceCidrs].some((cidr) => overlaps(rangeOf(cidr), range));

const rightNetworks: Rule = {
  name: 'a node network has room for the nodes and contains some of them',
  check: (cluster, facts, report) => {
    cluster.networking.nodeCidrs.forEach((cidr, index) => {
      const range = rangeOf(cidr);
      const at = facts.at(`cluster.networking.node_cidr[${String(index)}]`);
      if (specialNetwork(range, 'own')?.severity === 'error' || isOverlapping(cluster, range)) return;
      const addresses = addressesFor(cluster, range);
      if (isTooSmall(cluster, range)) {
        const values = { cidr, room: String(roomOf(range)), count: addresses.length };
        report.add('network/node-cidr-too-small', values, { at });
      } else if (isElsewhere(cluster, range)) {
        const some = addresses.length > 3 ? `${quoted(addresses.slice(0, 3))} and more` : quoted(addresses);
        report.add('network/no-node-inside', { network: networkOf(range), addresses: some }, { at });
      }
    });
  },
};

export const nodeNetworkRules: readonly Rule[] = [rightNetworks];
