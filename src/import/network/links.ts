/** The network of one machine, as all formats say it. */
import { contains as includes, formatIp, parseCidr, parseIp } from '../../config/network/net.ts';
import type { Field, Said } from '../input/field.ts';

export interface RouteDraft {
  readonly to: Said<string>;
  readonly via?: Said<string> | undefined;
  readonly metric?: Said<number> | undefined;
}

export interface Link {
  readonly name: string;
  type: 'ethernet' | 'bond' | 'vlan' | 'bridge';
  readonly from: Field;
  mac?: Said<string> | undefined;
  /** How the input finds the card without its MAC, in coldstart's terms. */
  match?: ReadonlyMap<'name' | 'driver' | 'path' | 'mac', Said<string>> | undefined;
  mtu?: Said<number> | undefined;
  /** With prefix length. */
  readonly addresses: Said<string>[];
  readonly gateways: Said<string>[];
  dhcp4?: Said<boolean> | undefined;
  autoconf6?: Said<boolean> | undefined;
  routeMetric?: Said<number> | undefined;
  useDns?: Said<boolean> | undefined;
  useRoutes?: Said<boolean> | undefined;
  readonly routes: RouteDraft[];
  readonly dns: Said<string>[];
  readonly search: Said<string>[];
  /** Of a bond. */
  mode?: Said<string> | undefined;
  /** Names of links: of a bond or a bridge. */
  readonly ports: Said<string>[];
  readonly options: Map<string, Said<string | number>>;
  /** Of a VLAN. */
  id?: Said<number> | undefined;
  parent?: Said<string> | undefined;
  /** Of a bridge. */
  stp?: Said<boolean> | undefined;
}

export interface HostNetwork {
  /** Names that the input uses for links of other names. */
  readonly aliases?: Map<string, string>;
  readonly links: Link[];
  readonly dns: Said<string>[];
  readonly search: Said<string>[];
}

function newLink(name: string, from: Field, type: Link['type'] = 'ethernet'): Link {
  return {
    name,
    type,
    from,
    addresses: [],
    gateways: [],
    routes: [],
    dns: [],
    search: [],
    ports: [],
    options: new Map(),
  };
}

/** The link of a name, which is added if there is none. */
export function linkOf(network: HostNetwork, name: string, from: Field): Link {
  const standing = network.links.find((link) => link.name === name);
  if (standing) return standing;
  const link = newLink(name, from);
  network.links.push(link);
  return link;
}

/** Other tools need no entry for a card that is only the port of a bond or a bridge, or the parent of a VLAN. */
export function addUnwritten<T extends { readonly network: HostNetwork }>(node: T): T {
  const { network } = node;
  for (const { ports, parent, from: owner } of [...network.links])
    for (const { value, from } of [...ports, ...(parent === undefined ? [] : [parent])])
      linkOf(network, value, from ?? owner);
  return node;
}

export const isPort = ({ links }: HostNetwork, name: string): boolean =>
  links.some(({ ports }) => ports.some(({ value }) => value === name));

/** Links with a purpose; a card that is only named has none. */
export function usedLinks(network: HostNetwork): readonly Link[] {
  const { links } = network;
  const isUsed = (link: Link): boolean =>
    [link.addresses, link.routes, link.gateways, link.ports].some(({ length }) => length > 0) ||
    link.dhcp4?.value === true || link.autoconf6?.value === true || link.type === 'vlan' ||
    isPort(network, link.name) || links.some(({ parent }) => parent?.value === link.name); // prettier-ignore
  const used = links.filter(isUsed);
  return used.length === 0 ? links : used;
}

/** An address without its prefix, in canonical form. */
export function addressOf(text: string): string | undefined {
  const ip = parseIp(text.split('/')[0] ?? '');
  return ip && formatIp(ip);
}

/** Whether a network with a prefix contains an address. */
export function contains(network: string, address: string): boolean {
  const range = parseCidr(network);
  const ip = parseIp(address);
  return !!range && !!ip && includes(range, ip);
}

/** Whether a destination is the default route. */
const isDefault = (to: string): boolean => /^(default|0\.0\.0\.0\/0|::\/0|0\/0)$/.test(to);

/** Adds a route, or the gateway that it is. */
export function addRoute(link: Link, route: RouteDraft): void {
  if (isDefault(route.to.value) && route.via) {
    if (!link.gateways.some(({ value }) => value === route.via?.value)) link.gateways.push(route.via);
    if (route.metric) setMetric(link, route.metric);
  } else link.routes.push(route);
}

/** Sets the metric of an interface's routes, which has one for all that say none themselves, and one for both families. */
export function setMetric(link: Link, metric: Said<number>): void {
  if (metric.value <= 0) metric.from?.skip('it is the default');
  else if (link.routeMetric === undefined) link.routeMetric = metric;
  else if (link.routeMetric.value !== metric.value) {
    metric.from?.lose(
      'an interface of coldstart has one metric for its default routes',
      'look whether the first one is right, and correct `route_metric`',
    );
  }
}

/** Sets what an interface ignores of DHCP and router advertisements, for both families. */
export function ignoreLearnt(link: Link, what: 'useDns' | 'useRoutes', from: Field): void {
  link[what] ??= { value: false, from };
}

/** Adds what is not there yet. */
export function addNew<T>(list: Said<T>[], more: readonly Said<T>[]): void {
  for (const one of more) if (!list.some(({ value }) => value === one.value)) list.push(one);
}
