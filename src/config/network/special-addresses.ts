/**
 * The special-purpose addresses of the Internet, and what each of them cannot be used for: one table for every setting that
 * holds an address. The ranges are those of IANA's registries (RFC 6890; iana.org/assignments/iana-ipv4-special-registry and
 * iana-ipv6-special-registry), of multicast (RFC 5771, RFC 4291) and of what RFC 4291 leaves unassigned. Private networks (RFC
 * 1918), shared address space (RFC 6598) and unique local addresses (RFC 4193) are what clusters are made of: they are not here.
 */
import { contains, type Ip, type IpRange, parseCidr } from './net.ts';

/**
 * What a setting means to do with an address: have it, ask a server there, ask there by a URL, send packets by it, send packets to it.
 * A URL may lead to the machine itself, as to a cache of images on each node, or of packages on the one that builds; where it may not,
 * a rule of its own says so.
 */
export type AddressUse = 'own' | 'server' | 'url' | 'hop' | 'destination';

export interface SpecialAddress {
  /** In words, with an article. */
  readonly kind: string;
  readonly range: string;
  readonly severity: 'error' | 'warning';
}

type Verdicts = Partial<Record<AddressUse, SpecialAddress['severity']>>;

const never: Verdicts = { own: 'error', server: 'error', url: 'error', hop: 'error', destination: 'error' };
/** Nobody but the machine itself is there. */
const itself: Verdicts = { own: 'error', server: 'error', hop: 'error', destination: 'error' };
/** Packets may be sent there, but no machine is there. */
const noMachine: Verdicts = { own: 'error', server: 'error', url: 'error', hop: 'error' };
/** Routers do not forward them (RFC 3927, section 2.7; RFC 4291, section 2.5.6), so only the next hop can be one. */
const onTheLink: Verdicts = { own: 'error', server: 'error', url: 'error' };
/** A translator makes them of IPv4 addresses, which servers may have. */
const translated: Verdicts = { own: 'error', hop: 'error' };
/** Machines can have them; whoever writes them seldom means it. */
const doubtful: Verdicts = { own: 'warning', server: 'warning', url: 'warning', hop: 'warning' };

const rows: readonly (readonly [range: string, kind: string, verdicts: Verdicts])[] = [
  ['0.0.0.0/8', 'an address of "this network"', never],
  ['127.0.0.0/8', 'a loopback address', itself],
  ['169.254.0.0/16', 'a link-local address', { ...onTheLink, url: 'warning' }],
  ['192.0.0.0/24', 'an address reserved for protocols (RFC 6890)', noMachine],
  ['192.0.2.0/24', 'an address for documentation (RFC 5737)', doubtful],
  ['192.88.99.0/24', 'an address of the former 6to4 relays (RFC 7526)', noMachine],
  ['198.18.0.0/15', 'an address for benchmarks (RFC 2544)', doubtful],
  ['198.51.100.0/24', 'an address for documentation (RFC 5737)', doubtful],
  ['203.0.113.0/24', 'an address for documentation (RFC 5737)', doubtful],
  ['224.0.0.0/4', 'a multicast address', noMachine],
  ['255.255.255.255/32', 'the broadcast address', never],
  ['240.0.0.0/4', 'a reserved address', noMachine],
  ['::1/128', 'the loopback address', itself],
  ['::/128', 'the unspecified address', never],
  ['64:ff9b::/96', 'an address of NAT64 (RFC 6052)', translated],
  ['64:ff9b:1::/48', 'an address of NAT64 (RFC 8215)', translated],
  ['100::/64', 'an address whose packets are discarded (RFC 6666)', noMachine],
  ['2001:2::/48', 'an address for benchmarks (RFC 5180)', doubtful],
  ['2001:db8::/32', 'an address for documentation (RFC 3849)', doubtful],
  ['2001::/23', 'an address reserved for protocols (RFC 2928)', noMachine],
  ['2002::/16', 'an address of 6to4 (RFC 7526)', doubtful],
  ['3fff::/20', 'an address for documentation (RFC 9637)', doubtful],
  ['5f00::/16', 'a segment identifier (RFC 9602)', noMachine],
  ['fe80::/10', 'a link-local address', { ...onTheLink, destination: 'error' }],
  ['fec0::/10', 'a site-local address (RFC 3879)', doubtful],
  ['ff00::/8', 'a multicast address', noMachine],
  // What is left of IPv6 is assigned to nobody, but for 2000::/3 and fc00::/7.
  ['::/3', 'an unassigned address (RFC 4291)', doubtful],
  ['4000::/2', 'an unassigned address (RFC 4291)', doubtful],
  ['8000::/2', 'an unassigned address (RFC 4291)', doubtful],
  ['c000::/3', 'an unassigned address (RFC 4291)', doubtful],
  ['e000::/4', 'an unassigned address (RFC 4291)', doubtful],
  ['f000::/5', 'an unassigned address (RFC 4291)', doubtful],
  ['f800::/6', 'an unassigned address (RFC 4291)', doubtful],
  ['fe00::/9', 'an unassigned address (RFC 4291)', doubtful],
];

/** The first row that fits counts: a narrow range stands before the one that it lies in. */
export const specialAddresses = rows.map(([text, kind, verdicts]) => {
  const range = parseCidr(text);
  if (!range) throw new Error(`not a network: ${text}`);
  return { text, range, kind, verdicts };
});

const found = ({ text, kind }: (typeof specialAddresses)[number], severity: SpecialAddress['severity']) => {
  return { kind, range: text, severity };
};

/** What speaks against an address in this use; undefined when nothing does. */
export function specialUse(ip: Ip, use: AddressUse): SpecialAddress | undefined {
  const row = specialAddresses.find(({ range }) => contains(range, ip));
  const severity = row?.verdicts[use];
  return row && severity && found(row, severity);
}

/** The same for a network: what it holds counts too, unless packets are only sent there, for which a narrower route decides. */
export function specialNetwork(network: IpRange, use: AddressUse): SpecialAddress | undefined {
  const first = { family: network.family, value: network.network };
  const held = specialAddresses.find(({ range, verdicts }) => {
    return verdicts[use] === 'error' && contains(network, { family: range.family, value: range.network });
  });
  if (held && use !== 'destination') return found(held, 'error');
  const around = specialAddresses.find(({ range }) => range.prefix <= network.prefix && contains(range, first));
  const severity = around?.verdicts[use];
  return around && severity && found(around, severity);
}
