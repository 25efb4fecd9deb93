/** Rules about the nodes' addresses and gateways: addresses are in a node network and not a gateway's; gateways are reachable. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { contains, ipOf, networkOf, rangeOf } from '../../network/net.ts';
import { nodeNetworks } from '../../network/node-networks.ts';
import { isOnLink } from '../../network/on-link.ts';
import { type Facts, type Rule, quoted } from '../rule.ts';
import { isOutside, nodeRanges } from './node-networks.ts';
import { isSpecial } from './usable-addresses.ts';
import { keyOf, writtenAddresses } from './written-addresses.ts';

/** Whether an address of the node is outside of its node networks. */
export function isElsewhere(cluster: Cluster, { ips, nodeCidrs }: Node): boolean {
  const ranges = nodeRanges(cluster, nodeCidrs);
  return ranges.length > 0 && ips.some((address) => !ranges.some((range) => contains(range, ipOf(address))));
}

/** All addresses of a node in the definition. */
export const ownAddresses = ({ ips, interfaces }: Node): readonly string[] => [
  ...ips,
  ...interfaces.flatMap(({ addresses }) => addresses.map((cidr) => cidr.split('/')[0] ?? '')),
];

const insideNodeNetwork: Rule = {
  name: "a node's address is in the node network",
  check: (cluster, facts, report) => {
    cluster.nodes.forEach(({ name, ips, nodeCidrs }) =>
      ips.forEach((address, index) => {
        if (isSpecial(address) || !isOutside(cluster, address, nodeCidrs)) return;
        const values = { node: name, address, networks: quoted(nodeRanges(cluster, nodeCidrs).map(networkOf)) };
        const related = [{ message: 'the node network', at: nodeCidrPlace(facts, name) }];
        report.add('network/node-outside', values, { at: facts.at(['nodes', name, 'ip', index]), related });
      }),
    );
  },
};

/** Where the network of a node, or of the cluster, is said. */
const nodeCidrPlace = (facts: Facts, node?: string) => {
  const own: readonly Path[] = node === undefined ? [] : [['nodes', node, 'network', 'node_cidr']];
  const setting = [...own, 'cluster.networking.node_cidr'].find((path) => facts.has(path));
  return setting === undefined ? undefined : facts.at(setting);
};

const notTheGateway: Rule = {
  name: 'no node has the address of a gateway',
  check: (_, facts, report) => {
    const written = writtenAddresses(facts);
    const gateways = new Map(written.filter((one) => keyOf(one) === 'gateway').map(({ text, path }) => [text, path]));
    const said = new Set<string>();
    for (const { text, path } of written.filter(({ path: [root], use }) => root === 'nodes' && use === 'own')) {
      const [address = '', node = ''] = [text.split('/')[0], String(path[1])];
      const gateway = gateways.get(address);
      // An interface may repeat the address in the node's `ip`: one diagnostic is enough.
      if (gateway === undefined || said.has(`${node} ${address}`)) continue;
      said.add(`${node} ${address}`);
      const related = [{ message: 'the gateway', at: facts.at(gateway) }];
      report.add('network/address-is-gateway', { node, address }, { at: facts.at(path), related });
    }
  },
};

/** The interfaces that use a gateway of the cluster. */
const takers = ({ nodes }: Cluster, gateway: string) =>
  nodes.flatMap(({ interfaces }) => interfaces.filter(({ gateways }) => gateways.includes(gateway)));

/** Whether a gateway of the cluster is unreachable: outside of the node networks, and on the link of no interface. */
export function isLostGateway(cluster: Cluster, gateway: string): boolean {
  const ranges = nodeRanges(cluster);
  if (ranges.length === 0 || !cluster.networking.gateways.includes(gateway)) return false;
  if (ranges.some((range) => contains(range, ipOf(gateway)))) return false;
  return !takers(cluster, gateway).some((one) => isOnLink(one, gateway));
}

const gatewayInside: Rule = {
  name: "the cluster's gateway is in a node network, or on the link of a node",
  check: (cluster, facts, report) => {
    cluster.networking.gateways.forEach((gateway, index) => {
      if (
        !isLostGateway(cluster, gateway) ||
        !isOutside(cluster, gateway, nodeNetworks(cluster)) ||
        isSpecial(gateway, 'hop')
      )
        return;
      const prefix = ipOf(gateway).family === 4 ? 32 : 128;
      report.add(
        'network/gateway-outside',
        { gateway, prefix },
        {
          at: facts.at(['cluster', 'networking', 'gateway', index]),
          related: [{ message: 'the node network', at: nodeCidrPlace(facts) }],
        },
      );
    });
  },
};

const someGateway: Rule = {
  name: 'nodes have a way out',
  check: (cluster, facts, report) => {
    const hasGateway = cluster.nodes.some(({ interfaces }) =>
      interfaces.some(
        (one) =>
          one.gateways.length > 0 ||
          ((one.dhcp4 || one.autoconf6) && one.useRoutes) ||
          one.routes.some(({ to }) => rangeOf(to).prefix === 0),
      ),
    );
    const isSaid = facts.has('cluster.networking.gateway') || facts.nodes.some(({ network }) => network?.gateway);
    if (!hasGateway && !isSaid) report.add('network/no-gateway', {}, { at: facts.key('cluster.networking') });
  },
};

export const nodeAddressRules: readonly Rule[] = [insideNodeNetwork, notTheGateway, gatewayInside, someGateway];
