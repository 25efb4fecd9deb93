/** Rules about the nodes' addresses and the way out: inside their network, legal, not the gateway's, with a gateway and DNS. */
import type { Cluster } from '../cluster.ts';
import { contains, ipOf, isReservedIn, networkOf, parseIp, rangeOf, specialUse } from '../net.ts';
import { type Facts, type Rule, quoted } from './rule.ts';

const nodeRanges = (cluster: Cluster) => cluster.networking.nodeCidrs.map(rangeOf);

const insideNodeNetwork: Rule = {
  name: "a node's address is in the node network",
  check: (cluster, facts, report) => {
    const ranges = nodeRanges(cluster);
    if (ranges.length === 0) return;
    cluster.nodes.forEach(({ name, ips }) =>
      ips.forEach((address, index) => {
        if (specialUse(ipOf(address)) || ranges.some((range) => contains(range, ipOf(address)))) return;
        const networks = ranges.map(networkOf);
        const values = { node: name, address, networks: quoted(networks) };
        const related = [{ message: 'the node network', at: nodeCidrPlace(facts) }];
        report.add('network/node-outside', values, { at: facts.at(['nodes', name, 'ip', index]), related });
      }),
    );
  },
};

const nodeCidrPlace = (facts: Facts) => {
  const setting = 'cluster.networking.node_cidr';
  return facts.has(setting) ? facts.at(setting) : undefined;
};

/** Every address that some machine of the definition is to have, with its place. */
function claimed(cluster: Cluster, facts: Facts) {
  const { gateways } = cluster.networking;
  const { virtualIp } = cluster.controlPlane;
  const ranges = nodeRanges(cluster);
  return [
    ...gateways.map((address, i) => ({ address, ranges, at: facts.at(`cluster.networking.gateway[${i}]`) })),
    ...(virtualIp ? [{ address: virtualIp, ranges, at: facts.at('cluster.control_plane.virtual_ip') }] : []),
    ...cluster.nodes.flatMap(({ name, ips }) =>
      ips.map((address, i) => ({ address, ranges, at: facts.at(['nodes', name, 'ip', i]) })),
    ),
    ...cluster.nodes.flatMap(({ name, ips, interfaces }) =>
      interfaces.flatMap(({ addresses }, i) =>
        addresses.flatMap((cidr, a) => {
          const address = cidr.split('/')[0] ?? '';
          const at = facts.at(['nodes', name, 'network', 'interfaces', i, 'addresses', a]);
          return ips.includes(address) ? [] : [{ address, ranges: [rangeOf(cidr)], at }];
        }),
      ),
    ),
  ];
}

const usableAddresses: Rule = {
  name: 'an address is one that a machine can have',
  check: (cluster, facts, report) => {
    for (const { address, ranges, at } of claimed(cluster, facts)) {
      const ip = ipOf(address);
      const kind = specialUse(ip);
      if (kind !== undefined) report.add('network/address-special', { address, kind }, { at });
      for (const range of ranges.filter((one) => contains(one, ip))) {
        const reserved = isReservedIn(range, ip);
        if (reserved)
          report.add('network/address-reserved', { address, kind: reserved, network: networkOf(range) }, { at });
      }
    }
  },
};

const notTheGateway: Rule = {
  name: 'no node has the address of a gateway',
  check: (cluster, facts, report) => {
    const gateways = new Set([
      ...cluster.networking.gateways,
      ...cluster.nodes.flatMap(({ interfaces }) => interfaces.flatMap((one) => one.gateways)),
    ]);
    cluster.nodes.forEach(({ name, ips }) =>
      ips.forEach((address, index) => {
        if (!gateways.has(address)) return;
        const at = facts.at(['nodes', name, 'ip', index]);
        const related = cluster.networking.gateways.includes(address)
          ? [{ message: 'the gateway', at: facts.at('cluster.networking.gateway') }]
          : [];
        report.add('network/address-is-gateway', { node: name, address }, { at, related });
      }),
    );
  },
};

const gatewayInside: Rule = {
  name: "the cluster's gateway is in a node network",
  check: (cluster, facts, report) => {
    const ranges = nodeRanges(cluster);
    cluster.networking.gateways.forEach((gateway, index) => {
      if (ranges.length === 0 || ranges.some((range) => contains(range, ipOf(gateway)))) return;
      const at = facts.at(`cluster.networking.gateway[${index}]`);
      report.add(
        'network/gateway-outside',
        { gateway },
        { at, related: [{ message: 'the node network', at: nodeCidrPlace(facts) }] },
      );
    });
  },
};

const someGateway: Rule = {
  name: 'nodes have a way out',
  needsAll: true,
  check: (cluster, facts, report) => {
    const hasGateway = cluster.nodes.some(({ interfaces }) =>
      interfaces.some((one) => one.gateways.length > 0 || one.dhcp4 || one.autoconf6),
    );
    const isSaid = facts.has('cluster.networking.gateway') || facts.nodes.some(({ network }) => network?.gateway);
    if (!hasGateway && !isSaid) report.add('network/no-gateway', {}, { at: facts.key('cluster.networking') });
  },
};

const someDns: Rule = {
  name: 'nodes that look up names have a name server',
  needsAll: true,
  check: (cluster, facts, report) => {
    const needed = namesToLookUp(cluster)[0];
    if (needed === undefined || cluster.networking.dns.length > 0) return;
    const isSelfMade = cluster.nodes.every(({ interfaces }) =>
      interfaces.some((one) => one.dns.length > 0 || one.dhcp4 || one.autoconf6),
    );
    if (!isSelfMade) report.add('network/no-dns', { name: needed }, { at: facts.key('cluster.networking') });
  },
};

function namesToLookUp({ kubernetes, networking }: Cluster): readonly string[] {
  const download =
    kubernetes.delivery === 'first-boot' ? [new URL(kubernetes.mirror ?? 'https://dl.k8s.io').hostname] : [];
  return [...download, ...networking.ntp].filter((host) => !parseIp(host.replace(/^\[|\]$/g, '')));
}

export const nodeAddressRules: readonly Rule[] = [
  insideNodeNetwork,
  usableAddresses,
  notTheGateway,
  gatewayInside,
  someGateway,
  someDns,
];
