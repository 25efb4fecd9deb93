/**
 * The special-purpose addresses of the Internet, and the uses that each of them excludes: one table for all settings with
 * addresses. The ranges are those of IANA's registries (RFC 6890; iana.org/assignments/iana-ipv4-special-registry and
 * iana-ipv6-special-registry), of multicast (RFC 5771, RFC 4291), and unassigned ranges (RFC 4291). Private networks (RFC
 * 1918), shared address space (RFC 6598) and unique local addresses (RFC 4193) are left out, because clusters use them.
 */
import { contains, type Ip, type IpRange, parseCidr } from './net.ts';

/**
 * The use of an address in a setting: a machine's own address, a server, the host of a URL, a next hop, a destination of packets.
 * A URL may lead to the machine itself, e.g. to a cache of images on each node, or of packages on the build machine. Another rule
 * reports URLs that must not.
 */
export type AddressUse = 'own' | 'server' | 'url' | 'hop' | 'destination';

export interface SpecialAddress {
  /** The kind of address in words, with an article. */
  readonly kind: string;
  readonly range: string;
  readonly severity: 'error' | 'warning';
}

type Verdicts = Partial<Record<AddressUse, SpecialAddress['severity']>>;

const never: Verdicts = { own: 'error', server: 'error', url: 'error', hop: 'error', destination: 'error' };
/** The address means the machine itself. */
const itself: Verdicts = { own: 'error', server: 'error', hop: 'error', destination: 'error' };
/** Packets may be sent to the address, but no machine has it. */
const noMachine: Verdicts = { own: 'error', server: 'error', url: 'error', hop: 'error' };
/** Routers do not forward such packets (RFC 3927, section 2.7; RFC 4291, section 2.5.6), so only a next hop can have the address. */
const onTheLink: Verdicts = { own: 'error', server: 'error', url: 'error' };
/** A translator makes these from IPv4 addresses, which may be a server's. */
const translated: Verdicts = { own: 'error', hop: 'error' };
/** Machines can have these, but they are usually a mistake. */
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
  // The rest of IPv6 is unassigned, except 2000::/3 and fc00::/7.
  ['::/3', 'an unassigned address (RFC 4291)', doubtful],
  ['4000::/2', 'an unassigned address (RFC 4291)', doubtful],
  ['8000::/2', 'an unassigned address (RFC 4291)', doubtful],
  ['c000::/3', 'an unassigned address (RFC 4291)', doubtful],
  ['e000::/4', 'an unassigned address (RFC 4291)', doubtful],
  ['f000::/5', 'an unassigned address (RFC 4291)', doubtful],
  ['f800::/6', 'an unassigned address (RFC 4291)', doubtful],
  ['fe00::/9', 'an unassigned address (RFC 4291)', doubtful],
];

/** The first matching row is used, so a narrow range is listed before the range that contains it. */
export const specialAddresses = rows.map(([text, kind, verdicts]) => {
  const range = parseCidr(text);
  if (!range) throw new Error(`not a network: ${text}`);
  return { text, range, kind, verdicts };
});

const found = ({ text, kind }: (typeof specialAddresses)[number], severity: SpecialAddress['severity']) => {
  return { kind, range: text, severity };
};

/** Why an address is not suitable for this use; undefined if it is. */
export function specialUse(ip: Ip, use: AddressUse): SpecialAddress | undefined {
  const row = specialAddresses.find(({ range }) => contains(range, ip));
  const severity = row?.verdicts[use];
  return row && severity && found(row, severity);
}

/** The same for a network, including special ranges inside it (except for a destination: a narrower route takes precedence). */
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
