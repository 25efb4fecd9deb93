/**
 * Every address and network in the definition, once, with its place and its use. Rules about addresses use this list, so that
 * no setting is forgotten, and an inherited setting is reported once, not for each node.
 */
import { type Path, formatPath } from '../../../diagnostics/path.ts';
import { memo } from '../../memo.ts';
import { parseIp } from '../../network/net.ts';
import type { WrittenBondOptions } from '../../schema/bond-options.ts';
import type { WrittenHost, WrittenInterface, WrittenRoute } from '../../schema/network.ts';
import type { AddressUse } from '../../network/special-addresses.ts';
import type { Facts } from '../rule.ts';
import { type Asker, writtenUrls } from './written-urls.ts';

export interface WrittenAddress {
  readonly path: Path;
  readonly use: AddressUse;
  /** An address, `address/prefix` of an interface's own address, or a network. */
  readonly form: 'address' | 'interface' | 'network';
  readonly text: string;
  /** The program that connects to the address; only for hosts of URLs. */
  readonly by?: Asker;
}

type Form = WrittenAddress['form'];
type Settings = readonly (readonly [key: string, use: AddressUse, form: Form, values: readonly string[] | undefined])[];

/** All addresses and networks in the order of the documentation; hosts of URLs come last. */
export const writtenAddresses = memo((facts: Facts): readonly WrittenAddress[] => {
  const hosts = writtenUrls(facts).filter(({ host }) => parseIp(host) !== undefined);
  return [...settingsOfAddresses(facts), ...hosts.map(({ path, host, by }) => ({ ...address(path, 'url', host), by }))];
});

function settingsOfAddresses({ cluster, nodes }: Facts): readonly WrittenAddress[] {
  const { networking, ceph, control_plane, kubernetes } = cluster;
  const { cidr: ofEtcd } = kubernetes.etcd;
  const virtual = control_plane.virtual_ip === undefined ? [] : [control_plane.virtual_ip];
  return [
    ...listed(
      ['cluster', 'networking'],
      [
        ['node_cidr', 'own', 'network', networking.node_cidr],
        ['pod_cidr', 'own', 'network', networking.pod_cidr],
        ['service_cidr', 'own', 'network', networking.service_cidr],
        ...wayOut(networking),
      ],
    ),
    ...inRoutes(['cluster', 'networking'], networking.routes),
    ...inHosts(['cluster', 'networking'], networking.hosts),
    ...listed(
      ['cluster', 'ceph'],
      [
        ['public_cidr', 'own', 'network', ceph.public_cidr],
        ['cluster_cidr', 'own', 'network', ceph.cluster_cidr],
      ],
    ),
    ...(ofEtcd === undefined
      ? []
      : [{ path: ['cluster', 'kubernetes', 'etcd', 'cidr'], use: 'own', form: 'network', text: ofEtcd } as const]),
    ...virtual.map((text) => address(['cluster', 'control_plane', 'virtual_ip'], 'own', text)),
    ...nodes.flatMap(({ name, ip, network = {} }) => [
      ...listed(['nodes', name], [['ip', 'own', 'address', ip]]),
      ...listed(['nodes', name, 'network'], [['node_cidr', 'own', 'network', network.node_cidr], ...wayOut(network)]),
      ...inRoutes(['nodes', name, 'network'], network.routes),
      ...inHosts(['nodes', name, 'network'], network.hosts),
      ...(network.interfaces ?? []).flatMap((one, i) => ofInterface(['nodes', name, 'network', 'interfaces', i], one)),
    ]),
  ];
}

function ofInterface(path: Path, one: WrittenInterface): readonly WrittenAddress[] {
  const { arp_ip_target, ns_ip6_target }: WrittenBondOptions = one.type === 'bond' ? one.options : {};
  return [
    ...listed(path, [['addresses', 'own', 'interface', one.addresses], ...wayOut(one)]),
    ...inRoutes(path, one.routes),
    // The targets of a bond must be neighbours, like the next hop of a route.
    ...listed(
      [...path, 'options'],
      [
        ['arp_ip_target', 'hop', 'address', arp_ip_target?.split(',')],
        ['ns_ip6_target', 'hop', 'address', ns_ip6_target?.split(',')],
      ],
    ),
  ];
}

interface WayOut {
  readonly gateway?: readonly string[] | undefined;
  readonly dns?: readonly string[] | undefined;
  readonly ntp?: readonly string[] | undefined;
}

/** The settings for gateways, name servers and time servers, which cluster, node and interface can have. */
const wayOut = ({ gateway, dns, ntp }: WayOut): Settings => [
  ['gateway', 'hop', 'address', gateway],
  ['dns', 'server', 'address', dns],
  ['ntp', 'server', 'address', ntp],
];

function listed(group: Path, settings: Settings): readonly WrittenAddress[] {
  return settings.flatMap(([key, use, form, values = []]) =>
    values.flatMap((text, index) => {
      const path = [...group, key, index];
      if (form !== 'address') return [{ path, use, form, text }];
      // A time server may be a name, and a gateway may be `none`.
      return parseIp(text) ? [address(path, use, text)] : [];
    }),
  );
}

const address = (path: Path, use: AddressUse, text: string): WrittenAddress => ({ path, use, form: 'address', text });

function inRoutes(group: Path, routes: readonly WrittenRoute[] = []): readonly WrittenAddress[] {
  return routes.flatMap(({ to, via }, index): WrittenAddress[] => [
    { path: [...group, 'routes', index, 'to'], use: 'destination', form: 'network', text: to },
    ...(via === undefined ? [] : [address([...group, 'routes', index, 'via'], 'hop', via)]),
  ]);
}

/** An entry may mean the node itself, like a URL. */
const inHosts = (group: Path, hosts: readonly WrittenHost[] = []): readonly WrittenAddress[] =>
  hosts.map(({ ip }, index) => address([...group, 'hosts', index, 'ip'], 'url', ip));

/** The key of a setting, e.g. `dns`. Do not search the path for keys: a node may have the name of a setting. */
export const keyOf = ({ path }: Pick<WrittenAddress, 'path'>): string =>
  String(path.findLast((part) => typeof part === 'string'));

/** The setting of an address without list indexes, e.g. `cluster.networking.dns`. */
export const settingOf = ({ path }: Pick<WrittenAddress, 'path'>): string =>
  formatPath(typeof path.at(-1) === 'number' ? path.slice(0, -1) : path);
