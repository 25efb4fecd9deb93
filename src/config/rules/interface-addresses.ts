/** Rules about what one node's interfaces carry: MTU, the node's address, gateways, routes. */
import type { Node } from '../cluster.ts';
import { contains, formatRange, inNodeNetwork, ipOf, networkOf, overlaps, rangeOf } from '../net.ts';
import { specialUse } from '../special-addresses.ts';
import { isOfCluster, oncePerPlace, originOf } from './inherited.ts';
import { hasWrongPort } from './interface-ports.ts';
import { type Placed, below, placed } from './interfaces.ts';
import { isElsewhere, isLostGateway } from './node-addresses.ts';
import { isOnLink, speaks } from '../on-link.ts';
import { type Facts, type Rule, repeats } from './rule.ts';

/** Ethernet's own, where nothing is said (RFC 894). */
const usualMtu = 1500;
/** RFC 8200, section 5. */
const leastMtuOfIpv6 = 1280;

const mtuFits: Rule = {
  name: 'an MTU is not above the one of what lies below',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      node.interfaces.forEach((one, index) => {
        const mtu = one.mtu ?? usualMtu;
        for (const name of below(one)) {
          const position = node.interfaces.findIndex((other) => other.name === name);
          const parentmtu = node.interfaces[position]?.mtu ?? usualMtu;
          if (position < 0 || mtu <= parentmtu) continue;
          // What the cluster says for all is right until an interface says otherwise.
          const own = originOf(facts, node.name, index, 'mtu');
          const [at, related] = isOfCluster(own) ? [originOf(facts, node.name, position, 'mtu'), own] : [own];
          const values = { mtu, name: one.name, parentmtu, parent: name, node: node.name };
          const others = related ? [{ message: "the cluster's", at: facts.at(related) }] : [];
          report.add('interface/mtu-above-parent', values, { at: facts.at(at), related: others });
        }
      });
    }
  },
};

const mtuForIpv6: Rule = {
  name: 'an MTU is enough for IPv6',
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      node.interfaces.forEach((one, index) => {
        if ((one.mtu ?? usualMtu) >= leastMtuOfIpv6 || !speaks(one, 6)) return;
        const at = facts.at(originOf(facts, node.name, index, 'mtu'));
        once.add('interface/mtu-too-small', { name: one.name, node: node.name }, { at });
      });
    }
  },
};

/** Interfaces with each address that they carry. */
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
        const prefix = rangeOf(inNodeNetwork(address, cluster.networking)).prefix;
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
        const network = cluster.networking.nodeCidrs.map(rangeOf).find((one) => contains(one, range));
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

/** The gateways of a node's interfaces, each with the setting that it comes from. */
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
        return !isOnLink(one, gateway) && specialUse(ipOf(gateway), 'hop')?.severity !== 'error';
      });
      for (const { one, gateway, path } of lost) {
        // Of one of the cluster's that no node can reach, the cluster has been told; of a node that is elsewhere, the node.
        if (isOfCluster(path) && (isLostGateway(cluster, gateway) || isElsewhere(cluster, node))) continue;
        once.add('interface/gateway-outside', { gateway, name: one.name, node: node.name }, { at: facts.at(path) });
      }
      for (const { again, first } of repeats(all, ({ gateway }) => ipOf(gateway).family)) {
        // Two in one list are `network/duplicate-family`.
        if (again.one === first.one) continue;
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

const someUse: Rule = {
  name: 'an interface is there for something',
  check: (cluster, facts, report) => {
    for (const { node, one, at } of cluster.nodes.flatMap((own) => placed(own, facts))) {
      const isUsed = one.addresses.length > 0 || one.dhcp4 || one.autoconf6;
      const names = node.interfaces.map(({ name }) => name);
      // A name that leads nowhere may have been meant for this one.
      const carriesOther = node.interfaces.some((other) =>
        below(other).some((name) => name === one.name || !names.includes(name)),
      );
      // A node without any address has been reported as such.
      if (isUsed || carriesOther || node.ips.length === 0 || hasWrongPort(one, node)) continue;
      report.add('interface/nothing-configured', { name: one.name, node: node.name }, { at: at('name') });
    }
  },
};

export const interfaceAddressRules: readonly Rule[] = [
  mtuFits,
  mtuForIpv6,
  nodeIpOnce,
  samePrefix,
  ownSubnets,
  reachableGateways,
  someUse,
];
