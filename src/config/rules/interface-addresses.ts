/** Rules about what one node's interfaces carry: MTU, the node's address, gateways, routes. */
import type { Interface } from '../cluster.ts';
import { contains, formatRange, inNodeNetwork, ipOf, networkOf, overlaps, rangeOf } from '../net.ts';
import { type Placed, below, placed } from './interfaces.ts';
import { type Rule, repeats } from './rule.ts';

/** Ethernet's own, where nothing is said (RFC 894). */
const usualMtu = 1500;

const mtuFits: Rule = {
  name: 'an MTU is not above the one of what lies below, and enough for IPv6',
  check: (cluster, facts, report) => {
    for (const { node, one, at } of cluster.nodes.flatMap((own) => placed(own, facts))) {
      const mtu = one.mtu ?? usualMtu;
      for (const name of below(one)) {
        const parent = node.interfaces.find((other) => other.name === name);
        const parentmtu = parent?.mtu ?? usualMtu;
        if (!parent || mtu <= parentmtu) continue;
        report.add(
          'interface/mtu-above-parent',
          { mtu, name: one.name, parentmtu, parent: name, node: node.name },
          { at: at('mtu') },
        );
      }
      const speaks6 = one.autoconf6 || one.addresses.some((cidr) => cidr.includes(':'));
      if (mtu < 1280 && speaks6)
        report.add('interface/mtu-too-small', { name: one.name, node: node.name }, { at: at('mtu') });
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

/** An interface that asks for addresses may learn its networks later. */
function onLink(one: Interface, address: string): boolean {
  const ip = ipOf(address);
  const isLinkLocal = contains(rangeOf('fe80::/10'), ip);
  const isLearnt = ip.family === 4 ? one.dhcp4 : one.autoconf6;
  return isLinkLocal || isLearnt || one.addresses.some((cidr) => contains(rangeOf(cidr), ip));
}

const reachableGateways: Rule = {
  name: 'a gateway is in a network of its interface, one per family and node',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      const own = placed(node, facts);
      const all = own.flatMap(({ one, at }) =>
        one.gateways.map((gateway, index) => ({ one, gateway, at: at('gateway', index) })),
      );
      const isInherited = (gateway: string): boolean => cluster.networking.gateways.includes(gateway);
      for (const { one, gateway, at } of all.filter((each) => !onLink(each.one, each.gateway))) {
        // The cluster's own gateway has been compared with the node networks already.
        if (isInherited(gateway) && !facts.has(['nodes', node.name, 'network', 'interfaces'])) continue;
        report.add('interface/gateway-outside', { gateway, name: one.name, node: node.name }, { at });
      }
      for (const { again, first } of repeats(all, ({ gateway }) => ipOf(gateway).family)) {
        const values = {
          node: node.name,
          family: ipOf(again.gateway).family,
          name: again.one.name,
          other: first.one.name,
        };
        report.add('interface/two-gateways', values, {
          at: again.at,
          related: [{ message: 'first here', at: first.at }],
        });
      }
    }
  },
};

const reachableHops: Rule = {
  name: 'a next hop is on the link and of the family of its route',
  check: (cluster, facts, report) => {
    for (const { node, one, at } of cluster.nodes.flatMap((own) => placed(own, facts))) {
      one.routes.forEach(({ to, via }, index) => {
        if (via === null) return;
        const place = at('routes', index, 'via');
        if (ipOf(via).family !== rangeOf(to).family)
          return report.add('interface/route-family', { to, via }, { at: place });
        if (onLink(one, via)) return;
        report.add('interface/next-hop-outside', { via, name: one.name, node: node.name }, { at: place });
      });
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
      if (isUsed || carriesOther || node.ips.length === 0) continue;
      report.add('interface/nothing-configured', { name: one.name, node: node.name }, { at: at('name') });
    }
  },
};

export const interfaceAddressRules: readonly Rule[] = [
  mtuFits,
  nodeIpOnce,
  samePrefix,
  ownSubnets,
  reachableGateways,
  reachableHops,
  someUse,
];
