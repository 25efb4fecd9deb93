/**
 * From the links of all machines to `cluster.networking` and the interfaces of each node: what all nodes have in common becomes the
 * cluster's, and a node with one plain network card needs no list of interfaces.
 */
import { formatRange, networkOf, parseCidr } from '../../config/network/net.ts';
import type { Said } from '../input/field.ts';
import type { Draft, NodeDraft } from '../model.ts';
import { Leaf, type Out, OutList, OutMap, isEqual, leaf, leaves, listOf, oneOrList } from '../write/out.ts';
import { matchOf } from './cards.ts';
import { type Link, type RouteDraft, addressOf, addUnwritten, contains } from './links.ts';

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
  const mtu = agreed(found.flatMap(({ node }) => usedLinks(node).map((link) => leaf(link.mtu))));
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
    const context = { own, networks, mtu, primary };
    if (isPlain(node, context)) COMMON.forEach((key) => network.put([key], own[key]));
    else network.put(['interfaces'], new OutList(usedLinks(node).map((link) => interfaceOf(link, context))));
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

/** Finds the link with the node's address. Completes the address from the link, and the link from the address. */
function primaryOf(node: NodeDraft, draft: Draft): Link | undefined {
  const links = usedLinks(node).filter(({ name }) => !isPort(node, name));
  const known = node.ips.map(({ value }) => addressOf(value));
  const isStatic =
    links.some(({ addresses }) => addresses.length > 0) && links.every(({ dhcp4 }) => dhcp4?.value !== true);
  if (isStatic && links.every(({ addresses }) => addresses.every(({ value }) => !known.includes(addressOf(value))))) {
    const [old] = node.ips.splice(0);
    old?.from?.lose(
      'no interface has this address',
      'the node has the address of its interface instead; look whether that is right',
    );
  }
  if (node.ips.length === 0) {
    const within = ({ value }: Said<string>): boolean =>
      draft.nodeNetworks.length === 0 || draft.nodeNetworks.some((one) => contains(one.value, addressOf(value) ?? ''));
    const addressed = links.filter(({ addresses }) => addresses.some(within));
    const chosen = addressed.find(({ gateways }) => gateways.length > 0) ?? addressed[0];
    for (const family of [4, 6] as const) {
      const one = chosen?.addresses.find((address) => parseCidr(address.value)?.family === family && within(address));
      if (one) node.ips.push({ value: addressOf(one.value) ?? one.value, from: undefined });
    }
  }
  const ips = node.ips.map(({ value }) => addressOf(value) ?? value);
  const own = links.find(({ addresses }) => addresses.some(({ value }) => ips.includes(addressOf(value) ?? '')));
  if (own) return own;
  const free =
    links.find(({ dhcp4 }) => dhcp4?.value === true) ?? links.find(({ addresses }) => addresses.length === 0);
  if (!free || ips.length === 0) return free;
  if (free.dhcp4?.value === false) {
    for (const ip of ips) free.addresses.push({ value: `${ip}/${prefixOf(ip, draft)}`, from: undefined });
    free.dhcp4 = undefined;
    return free;
  }
  // The addresses are reserved at a server, and remain so.
  const asked = { value: true, from: undefined };
  if (ips.some((ip) => !ip.includes(':'))) free.dhcp4 ??= asked;
  if (ips.some((ip) => ip.includes(':'))) free.autoconf6 ??= asked;
  return free;
}

/** The prefix of the network that the input says the address is in, or coldstart's default. */
function prefixOf(ip: string, draft: Draft): number {
  const known = draft.nodeNetworks.find(({ value }) => contains(value, ip));
  return (known && parseCidr(known.value)?.prefix) ?? (ip.includes(':') ? 64 : 24);
}

const isPort = (node: NodeDraft, name: string): boolean =>
  node.network.links.some(({ ports }) => ports.some(({ value }) => value === name));

/** Links with a purpose; a card that is only named has none. */
function usedLinks(node: NodeDraft): readonly Link[] {
  const { links } = node.network;
  const isUsed = (link: Link): boolean =>
    [link.addresses, link.routes, link.gateways, link.ports].some(({ length }) => length > 0) ||
    link.dhcp4?.value === true || link.autoconf6?.value === true || link.type === 'vlan' ||
    isPort(node, link.name) || links.some(({ parent }) => parent?.value === link.name); // prettier-ignore
  const used = links.filter(isUsed);
  return used.length === 0 ? links : used;
}

/** Says of interfaces that have no purpose that they are not in the new definition. */
function skipUnused(node: NodeDraft): void {
  const used = usedLinks(node);
  for (const link of node.network.links) {
    if (!used.includes(link) && !link.mac && !link.match)
      link.from.skipWhole('the interface has no addresses, and no other one uses it');
  }
}

/** `cluster.networking.node_cidr`: the network of the nodes' addresses, one per family. */
function putNodeNetworks(draft: Draft, found: readonly Pick<Settled, 'node' | 'primary'>[]): readonly string[] {
  const counted = new Map<string, { count: number; from: Said<string>['from'] }>();
  for (const { node, primary } of found) {
    for (const { value } of node.ips) {
      const own = primary?.addresses.find((address) => addressOf(address.value) === addressOf(value));
      const range = own && parseCidr(own.value);
      const said = draft.nodeNetworks.find((one) => contains(one.value, addressOf(value) ?? ''));
      const network = range ?? (said && parseCidr(said.value));
      if (!network || network.prefix >= (network.family === 4 ? 32 : 128)) continue;
      const name = networkOf(network);
      counted.set(name, { count: (counted.get(name)?.count ?? 0) + 1, from: counted.get(name)?.from ?? said?.from });
    }
  }
  const ranked = [...counted]
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([network, { from }]) => ({ network, from }));
  const chosen = ([4, 6] as const).flatMap((family) => ranked.find(({ network }) => parseCidr(network)?.family === family) ?? []); // prettier-ignore
  draft.cluster.put(
    ['networking', 'node_cidr'],
    oneOrList(chosen.map(({ network, from }) => ({ value: network, from }))),
  );
  return chosen.map(({ network }) => network);
}

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
  const links = usedLinks(node);
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
  const used = usedLinks(node);
  const unknown = cards.filter(
    (card) => used.includes(card) && !card.mac && !matchOf(card) && !(node.macs.length > 0 && cards.length === 1),
  );
  return { macs, unknown: unknown.map(({ name }) => name) };
}
