/** Normalises interfaces. A node without listed interfaces gets one on its first NIC. */
import type { Interface, Networking, Route } from '../cluster.ts';
import { inNodeNetwork, ipOf, rangeOf } from '../network/net.ts';
import { mayLease } from '../network/on-link.ts';
import { normalised } from '../notation.ts';
import { nicMatch, route, type WrittenInterface, type WrittenRoute } from '../schema/network.ts';
import type { WrittenNode } from '../schema/node.ts';

/** The name of the interface of a node that lists none. */
const defaultInterface = 'primary';

/** The interfaces in the written order. The interface with the node's address inherits gateways and name servers. */
export function normaliseInterfaces(node: WrittenNode, networking: Networking): readonly Interface[] {
  const written = node.network?.interfaces ?? implied(node, networking);
  const all = withLeases(
    written.map((one) => normaliseInterface(one, networking)),
    node.ip ?? [],
  );
  return all.map((one, index) => inherit(one, written[index], node, networking));
}

/**
 * An address of the node that no interface has is reserved at the server: the first interface that asks for its family, and has no
 * address of it, gets it.
 */
function withLeases(all: readonly Interface[], ips: readonly string[]): readonly Interface[] {
  const open = ips.filter((ip) => !all.some(({ addresses }) => addresses.some((cidr) => cidr.split('/')[0] === ip)));
  const lessee = (ip: string): Interface | undefined => all.find((one) => mayLease(one, ipOf(ip).family));
  return all.map((one) => {
    const leased = open.filter((ip) => lessee(ip) === one);
    return leased.length === 0 ? one : { ...one, leased };
  });
}

function implied(node: WrittenNode, networking: Networking): readonly WrittenInterface[] {
  const mac = node.hardware?.mac_addresses?.[0];
  if (mac === undefined) return [];
  const nodeCidrs = node.network?.node_cidr ?? networking.nodeCidrs;
  const addresses = (node.ip ?? []).map((address) => inNodeNetwork(address, nodeCidrs));
  const automatic = { dhcp4: false, autoconf6: false, use_dns: true, use_routes: true };
  return [{ type: 'ethernet', name: defaultInterface, mac, addresses, ...automatic }];
}

function normaliseInterface(written: WrittenInterface, networking: Networking): Interface {
  const base = {
    name: written.name,
    mtu: written.mtu ?? networking.mtu,
    addresses: written.addresses,
    leased: [],
    gateways: (written.gateway ?? []).filter((gateway) => gateway !== 'none'),
    routes: (written.routes ?? []).map(normaliseRoute),
    dns: written.dns ?? [],
    searchDomains: written.search_domains ?? [],
    dhcp4: written.dhcp4,
    autoconf6: written.autoconf6,
    routeMetric: written.route_metric ?? null,
    useDns: written.use_dns,
    useRoutes: written.use_routes,
  };
  switch (written.type) {
    case 'bond':
      return { ...base, type: 'bond', mode: written.mode, ports: written.ports, options: optionsOf(written) };
    case 'vlan':
      return { ...base, type: 'vlan', id: written.id, parent: written.parent };
    case 'bridge':
      return { ...base, type: 'bridge', ports: written.ports, stp: written.stp };
    default:
      return {
        ...{ ...base, type: 'ethernet', mac: written.mac ?? null },
        match: written.match ? normalised(nicMatch, written.match) : null,
      };
  }
}

export const normaliseRoute = (written: WrittenRoute): Route => normalised(route, written);

/** The options that are set, in the order of the schema. */
function optionsOf({ options }: Extract<WrittenInterface, { type: 'bond' }>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/**
 * The interface with the node's first address inherits the name servers of the node or the cluster. For each family, the
 * interface with the node's address inherits the routes, and also the gateway unless another interface has one.
 */
function inherit(
  own: Interface,
  written: WrittenInterface | undefined,
  node: WrittenNode,
  networking: Networking,
): Interface {
  const { ip = [], network = {} } = node;
  const isStatic = (address: string): boolean => own.addresses.some((cidr) => cidr.split('/')[0] === address);
  const carries = (address: string): boolean => isStatic(address) || own.leased.includes(address);
  const families = ip.filter(carries).map(familyOf);
  // The server says the gateway of an address that it gives.
  const withGateway = ip.filter(isStatic).map(familyOf);
  const isMain = ip[0] !== undefined && carries(ip[0]);
  const others = (network.interfaces ?? []).filter((one) => one !== written).flatMap((one) => one.gateway ?? []);
  const taken = others.filter((gateway) => gateway !== 'none').map(familyOf);
  const inherited = (network.gateway ?? networking.gateways)
    .filter((gateway) => gateway !== 'none' && withGateway.includes(familyOf(gateway)))
    .filter((gateway) => !taken.includes(familyOf(gateway)));
  const routes = network.routes?.map(normaliseRoute) ?? networking.routes;
  return {
    ...own,
    routes: written?.routes ? own.routes : routes.filter(({ to }) => families.includes(rangeOf(to).family)),
    gateways: written?.gateway ? own.gateways : inherited,
    dns: written?.dns ?? (isMain ? (network.dns ?? networking.dns) : []),
    searchDomains: written?.search_domains ?? (isMain ? (network.search_domains ?? networking.searchDomains) : []),
  };
}

const familyOf = (address: string): number => ipOf(address).family;
