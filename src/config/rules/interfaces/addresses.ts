/** Rules about addresses and gateways of one node's interfaces. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Node } from '../../cluster.ts';
import { contains, formatRange, inNodeNetwork, ipOf, networkOf, overlaps, rangeOf } from '../../network/net.ts';
import { isOfCluster, oncePerPlace, originOf } from '../inherited.ts';
import { type Placed, placed } from './interfaces.ts';
import { isElsewhere, isLostGateway } from '../network/node-addresses.ts';
import { nodeRanges } from '../network/node-networks.ts';
import { mayTie } from '../../network/metrics.ts';
import { isOnLink, mayLease } from '../../network/on-link.ts';
import { type Facts, type Rule, repeats } from '../rule.ts';
import { isSpecial } from '../network/usable-addresses.ts';

/** Each address of the interfaces, with its interface. */
const carried = (own: readonly Placed[]) =>
  own.flatMap(({ one, at }) =>
    one.addresses.map((cidr, index) => ({ one, cidr, address: cidr.split('/')[0] ?? '', at: at('addresses', index) })),
  );

const nodeIpOnce: Rule = {
  name: "the node's address is on exactly one interface",
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      const all = carried(placed(node, facts));
      for (const { again, first } of repeats(all, ({ address }) => address)) {
        const values = { node: node.name, name: again.one.name, other: first.one.name, address: again.address };
        report.add('interface/address-twice', values, {
          at: again.at,
          related: [{ message: 'first here', at: first.at }],
        });
      }
      if (node.interfaces.length === 0) continue;
      node.ips.forEach((address, index) => {
        if (all.some((one) => one.address === address)) return;
        const askers = node.interfaces.filter((one) => mayLease(one, ipOf(address).family));
        const [first, second] = askers;
        if (first !== undefined) {
          const values = { node: node.name, address, name: first.name, other: second?.name ?? '' };
          const place = facts.at(['nodes', node.name, 'ip', index]);
          if (second !== undefined) report.add('interface/two-leases', values, { at: place });
          return;
        }
        const prefix = rangeOf(inNodeNetwork(address, node.nodeCidrs)).prefix;
        const at = facts.at(['nodes', node.name, 'ip', index]);
        report.add('interface/node-ip-missing', { node: node.name, address, prefix }, { at });
      });
    }
  },
};

const samePrefix: Rule = {
  name: "the node's address has the prefix of the node network",
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      for (const { cidr, address, at } of carried(placed(node, facts))) {
        const range = rangeOf(cidr);
        const network = nodeRanges(cluster, node.nodeCidrs).find((one) => contains(one, range));
        if (!node.ips.includes(address) || !network || network.prefix === range.prefix) continue;
        const right = formatRange({ ...range, prefix: network.prefix });
        const values = { address, node: node.name, prefix: range.prefix, network: networkOf(network), right };
        report.add('interface/prefix-differs', values, { at });
      }
    }
  },
};

const ownSubnets: Rule = {
  name: "a node's interfaces are in networks of their own",
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      const all = carried(placed(node, facts));
      all.forEach((one, index) => {
        const other = all.slice(0, index).find((earlier) => {
          return (
            earlier.one !== one.one &&
            earlier.address !== one.address &&
            overlaps(rangeOf(earlier.cidr), rangeOf(one.cidr))
          );
        });
        if (!other) return;
        const values = { node: node.name, name: one.one.name, other: other.one.name };
        report.add('interface/same-subnet', values, { at: one.at, related: [{ message: 'the other', at: other.at }] });
      });
    }
  },
};

/** The gateways of a node's interfaces, each with the path of its setting. */
function gatewaysOf({ name, interfaces }: Node, facts: Facts) {
  return interfaces.flatMap((one, index) => {
    const path = originOf(facts, name, index, 'gateway');
    return one.gateways.map((gateway) => ({ one, gateway, path }));
  });
}

const reachableGateways: Rule = {
  name: "a gateway is on its interface's link, one per family and node",
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      const all = gatewaysOf(node, facts);
      const lost = all.filter(({ one, gateway }) => {
        return !isOnLink(one, gateway) && !isSpecial(gateway, 'hop');
      });
      for (const { one, gateway, path } of lost) {
        const own: Path = ['nodes', node.name, 'network', 'node_cidr'];
        // Other rules have reported a cluster gateway that no node reaches, and a node outside of the node networks.
        if (facts.has(own) && isElsewhere(cluster, node)) continue;
        const isToldAbove = isLostGateway(cluster, gateway) || isElsewhere(cluster, node);
        if (isOfCluster(path) && (isToldAbove || nodeRanges(cluster).length === 0)) continue;
        const values = { gateway, name: one.name, node: node.name };
        // The gateway of the cluster is not for a node in another network.
        const isAway = isOfCluster(path) && facts.has(own);
        const hint = 'set `network.gateway` of the node: the gateway of its own network, or `none`';
        const related = [{ message: 'the gateway', at: facts.at(path) }];
        once.add('interface/gateway-outside', values, isAway ? { at: facts.at(own), hint, related } : { at: facts.at(path) }); // prettier-ignore
      }
      for (const { again, first } of repeats(all, ({ gateway }) => ipOf(gateway).family)) {
        // Two gateways of one family in one list are `network/duplicate-family`. With different metrics, one is the fallback.
        if (again.one === first.one || !mayTie({ ...again, metric: null }, { ...first, metric: null })) continue;
        const values = {
          node: node.name,
          family: ipOf(again.gateway).family,
          name: again.one.name,
          other: first.one.name,
        };
        const related = [{ message: 'first here', at: facts.at(first.path) }];
        once.add('interface/two-gateways', values, { at: facts.at(again.path), related });
      }
    }
  },
};

/** NetworkManager refuses such a connection (`verify` in its nm-setting-ip-config.c). */
const addressedGateways: Rule = {
  name: 'an interface with a gateway has a static address of its family',
  check: (cluster, facts, report) => {
    for (const { node, one, at } of cluster.nodes.flatMap((each) => placed(each, facts))) {
      for (const gateway of one.gateways) {
        const { family } = ipOf(gateway);
        if (!mayLease(one, family)) continue;
        report.add('interface/gateway-by-lease', { name: one.name, node: node.name, family }, { at: at('gateway') });
      }
    }
  },
};

export const interfaceAddressRules: readonly Rule[] = [
  addressedGateways,
  nodeIpOnce,
  samePrefix,
  ownSubnets,
  reachableGateways,
];
