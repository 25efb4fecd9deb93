/**
 * From the links of all machines to `cluster.networking` and the interfaces of each node: what all nodes have in common becomes the
 * cluster's, and a node with one plain network card needs no list of interfaces.
 */
import { formatRange, networkOf, parseCidr } from '../../config/network/net.ts';
import type { Said } from '../input/field.ts';
import type { Draft, NodeDraft } from '../model.ts';
import { Leaf, type Out, OutList, OutMap, isEqual, leaf, leaves, listOf, oneOrList } from '../write/out.ts';
import { matchOf } from './cards.ts';
import { type Link, type RouteDraft, addressOf, addUnwritten, contains, usedLinks } from './links.ts';
import { primaryOf } from './primary.ts';

export interface Settled {
  readonly node: NodeDraft;
  /** The link with the node's address. */
  readonly primary: Link | undefined;
  /** Below `network`. */
  readonly network: OutMap;
  readonly macs: readonly Said<string>[];
  /** Names of network cards whose MAC the input does not say. */
  readonly unknown: readonly string[];
}

const COMMON = ['gateway', 'dns', 'search_domains', 'routes'] as const;
type Common = Readonly<Record<(typeof COMMON)[number], Out | undefined>>;

/** Sets the cluster's networking, and returns the network of each node. */
export function settleNetworks(draft: Draft): readonly Settled[] {
  const found = draft.nodes.map((node) => ({ node, primary: primaryOf(addUnwritten(node), draft) }));
  const networks = putNodeNetworks(draft, found);
  const commons = found.map(({ node, primary }) => commonOf(node, primary));
  const shared = new Map(COMMON.map((key) => [key, agreed(commons.map((common) => common[key]))]));
  for (const [key, value] of shared) draft.cluster.put(['networking', key], value);
  draft.nodes.forEach(skipUnused);
  const mtu = agreed(found.flatMap(({ node }) => usedLinks(node.network).map((link) => leaf(link.mtu))));
  draft.cluster.put(['networking', 'mtu'], mtu);
  const ntp = agreed(draft.nodes.map((node) => leaves(node.ntp)));
  draft.cluster.put(['networking', 'ntp'], ntp);
  const hosts = agreed(draft.nodes.map((node) => listOf(node.hosts)));
  draft.cluster.put(['networking', 'hosts'], hosts);
  return found.map(({ node, primary }, index) => {
    const own: Partial<Record<keyof Common, Out>> = {};
    for (const key of COMMON) {
      const value = commons[index]?.[key];
      if (value && !shared.get(key)) own[key] = value;
    }
    const network = new OutMap();
    const ownNetworks = ownNetworksOf(node, primary, draft, networks);
    if (ownNetworks) network.put(['node_cidr'], oneOrListOf(ownNetworks));
    const context = { own, networks: ownNetworks?.map((one) => one.network) ?? networks, mtu, primary };
    if (isPlain(node, context)) COMMON.forEach((key) => network.put([key], own[key]));
    else network.put(['interfaces'], new OutList(usedLinks(node.network).map((link) => interfaceOf(link, context))));
    if (!ntp) network.put(['ntp'], leaves(node.ntp));
    if (!hosts) network.put(['hosts'], listOf(node.hosts));
    return { node, primary, network, ...cardsOf(node, primary) };
  });
}

/** The value that all have; undefined if one has another, or none. */
function agreed(values: readonly (Out | undefined)[]): Out | undefined {
  const [first, ...others] = values;
  return others.every((other) => isEqual(first, other)) ? first : undefined;
}

/** Says of interfaces that have no purpose that they are not in the new definition. */
function skipUnused(node: NodeDraft): void {
  const used = usedLinks(node.network);
  for (const link of node.network.links) {
    if (!used.includes(link) && !link.mac && !link.match)
      link.from.skipWhole('the interface has no addresses, and no other one uses it');
  }
}

/** A network of a node, as `192.168.50.0/24`; where the input says it other than by an address, from there. */
interface NodeNetwork {
  readonly network: string;
  readonly from: Said<string>['from'] | undefined;
}

/** The network of each address of a node; none where nothing tells its prefix. */
function nodeNetworksOf({ ips }: NodeDraft, primary: Link | undefined, draft: Draft): readonly NodeNetwork[] {
  return ips.flatMap(({ value }) => {
    const own = primary?.addresses.find((address) => addressOf(address.value) === addressOf(value));
    const range = own && parseCidr(own.value);
    const said = draft.nodeNetworks.find((one) => contains(one.value, addressOf(value) ?? ''));
    const network = range ?? (said && parseCidr(said.value));
    if (!network || network.prefix >= (network.family === 4 ? 32 : 128)) return [];
    return [{ network: networkOf(network), from: said?.from }];
  });
}

/** `cluster.networking.node_cidr`: per family, the network that most nodes have. */
function putNodeNetworks(draft: Draft, found: readonly Pick<Settled, 'node' | 'primary'>[]): readonly string[] {
  const counted = new Map<string, { count: number; from: NodeNetwork['from'] }>();
  for (const { network, from } of found.flatMap(({ node, primary }) => nodeNetworksOf(node, primary, draft))) {
    const known = counted.get(network);
    counted.set(network, { count: (known?.count ?? 0) + 1, from: known?.from ?? from });
  }
  const ranked = [...counted]
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([network, { from }]) => ({ network, from }));
  const chosen = ([4, 6] as const).flatMap((family) => ranked.find(({ network }) => parseCidr(network)?.family === family) ?? []); // prettier-ignore
  draft.cluster.put(['networking', 'node_cidr'], oneOrListOf(chosen));
  return chosen.map(({ network }) => network);
}

/** `network.node_cidr` of a node that has an address outside of the cluster's networks; else undefined. */
function ownNetworksOf(node: NodeDraft, primary: Link | undefined, draft: Draft, networks: readonly string[]) {
  const isOutside = (ip: string): boolean => !networks.some((network) => contains(network, ip));
  const own = nodeNetworksOf(node, primary, draft);
  return own.length === node.ips.length && node.ips.some(({ value }) => isOutside(addressOf(value) ?? ''))
    ? own
    : undefined;
}

const oneOrListOf = (networks: readonly NodeNetwork[]): Out | undefined =>
  oneOrList(networks.map(({ network, from }) => ({ value: network, from })));

function commonOf(node: NodeDraft, primary: Link | undefined): Common {
  const dns = unique([...node.network.dns, ...(primary?.dns ?? [])]);
  return {
    gateway: oneOrList(primary?.gateways ?? []),
    dns: leaves(dns),
    search_domains: leaves(unique([...node.network.search, ...(primary?.search ?? [])])),
    routes: primary && routesOf(primary.routes),
  };
}

const unique = (said: readonly Said<string>[]): readonly Said<string>[] =>
  said.filter(({ value }, index) => said.findIndex((other) => other.value === value) === index);

const routesOf = (routes: readonly RouteDraft[]): OutList | undefined =>
  routes.length === 0
    ? undefined
    : new OutList(routes.map(({ to, via, metric }) => new OutMap({ to: leaf(to), via: leaf(via), metric: leaf(metric) }, to.from))); // prettier-ignore

interface Context {
  /** What the node has, and the cluster has not. */
  readonly own: Partial<Record<keyof Common, Out>>;
  readonly networks: readonly string[];
  readonly mtu: Out | undefined;
  readonly primary: Link | undefined;
}

/** Whether a node is one network card with the node's addresses, which needs no list of interfaces. */
function isPlain(node: NodeDraft, { networks, mtu, primary }: Context): boolean {
  const links = usedLinks(node.network);
  if (links.length === 0 || !primary) return links.length === 0;
  const [link] = links;
  if (links.length > 1 || link !== primary || link.type !== 'ethernet') return false;
  if (link.dhcp4?.value === true || link.autoconf6?.value === true || (link.mtu && !mtu)) return false;
  if (link.routeMetric) return false;
  if (matchOf(link)) return false;
  const isKnown = link.mac !== undefined || node.network.links.every(({ mac }) => mac === undefined);
  if (!isKnown) return false;
  const ips = new Set(node.ips.map(({ value }) => addressOf(value)));
  return link.addresses.every(({ value }) => {
    const range = parseCidr(value);
    return ips.has(addressOf(value)) && range !== undefined && networks.includes(networkOf(range));
  });
}

function interfaceOf(link: Link, { own, mtu, primary }: Context): OutMap {
  const isPrimary = link === primary;
  const isAsking = link.dhcp4?.value === true || link.autoconf6?.value === true;
  const options = [...link.options].map(([name, said]) => [name, leaf(said)] as const);
  const usual = options.length === 1 && options.every(([name, value]) => name === 'miimon' && value?.value === 100);
  return new OutMap(
    {
      name: new Leaf(link.name),
      type: link.type === 'ethernet' ? undefined : new Leaf(link.type),
      mac: link.type === 'ethernet' ? leaf(link.mac) : undefined,
      match: matchOf(link),
      mode: link.type === 'bond' ? leaf(link.mode) : undefined,
      ports: link.type === 'bond' || link.type === 'bridge' ? leaves(link.ports) : undefined,
      options:
        link.type === 'bond' && options.length > 0 && !usual ? new OutMap(Object.fromEntries(options)) : undefined,
      id: link.type === 'vlan' ? leaf(link.id) : undefined,
      parent: link.type === 'vlan' ? leaf(link.parent) : undefined,
      stp: link.type === 'bridge' && link.stp?.value === true ? leaf(link.stp) : undefined,
      mtu: mtu ? undefined : leaf(link.mtu),
      addresses: leaves(link.addresses.map(({ value, from }) => ({ value: canonical(value), from }))),
      gateway: isPrimary ? own.gateway : oneOrList(link.gateways),
      routes: isPrimary ? own.routes : routesOf(link.routes),
      dns: isPrimary ? own.dns : leaves(link.dns),
      search_domains: isPrimary ? own.search_domains : leaves(link.search),
      dhcp4: link.dhcp4?.value === true ? leaf(link.dhcp4) : undefined,
      autoconf6: link.autoconf6?.value === true ? leaf(link.autoconf6) : undefined,
      route_metric: leaf(link.routeMetric),
      use_dns: isAsking ? leaf(link.useDns) : undefined,
      use_routes: isAsking ? leaf(link.useRoutes) : undefined,
    },
    link.from,
  );
}

function canonical(address: string): string {
  const range = parseCidr(address);
  return range ? formatRange(range) : address;
}

/** The MACs of a node, that of the node's address first; and the cards without one. */
function cardsOf(node: NodeDraft, primary: Link | undefined): Pick<Settled, 'macs' | 'unknown'> {
  const cards = node.network.links.filter(({ type }) => type === 'ethernet');
  const ordered = [...cards.filter((card) => card === primary), ...cards.filter((card) => card !== primary)];
  const macs = unique([...ordered.flatMap(({ mac }) => mac ?? []), ...node.macs]);
  const used = usedLinks(node.network);
  const unknown = cards.filter(
    (card) => used.includes(card) && !card.mac && !matchOf(card) && !(node.macs.length > 0 && cards.length === 1),
  );
  return { macs, unknown: unknown.map(({ name }) => name) };
}
