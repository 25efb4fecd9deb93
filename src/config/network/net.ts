/** Addresses and networks as numbers: canonical text, containment, overlap. Pure arithmetic over `ip-address`'s parsers. */
import { Address4, Address6 } from 'ip-address';

/** Canonical text of an IPv4 or IPv6 address (RFC 5952 for IPv6). */
export type Address = string;
/** `address/prefix` in canonical text. A network has no host bits set; an interface's address keeps them. */
export type Cidr = string;

export type Family = 4 | 6;

export interface Ip {
  readonly family: Family;
  readonly value: bigint;
}

/** An address with a prefix; `network` and `last` are the first and last address of its network. */
export interface IpRange extends Ip {
  readonly prefix: number;
  readonly network: bigint;
  readonly last: bigint;
}

const width = (family: Family): number => (family === 4 ? 32 : 128);

/** Reads an address without prefix or zone; undefined for any other text, also for IPv4-mapped IPv6. */
export function parseIp(text: string): Ip | undefined {
  if (/[/%\s]/.test(text)) return undefined;
  try {
    if (!text.includes(':')) return { family: 4, value: new Address4(text).bigInt() };
    const value = new Address6(text).bigInt();
    return value >> 32n === 0xffffn ? undefined : { family: 6, value };
  } catch {
    return undefined;
  }
}

/** Reads `address/prefix`, host bits allowed; undefined for any other text. */
export function parseCidr(text: string): IpRange | undefined {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  const ip = parseIp(address);
  if (!ip || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  if (prefix > width(ip.family)) return undefined;
  const hostBits = BigInt(width(ip.family) - prefix);
  const network = (ip.value >> hostBits) << hostBits;
  return { ...ip, prefix, network, last: network + (1n << hostBits) - 1n };
}

/** Like `parseIp`, for validated text. Throws on any other text, which would be a bug in this program. */
export function ipOf(text: Address): Ip {
  const ip = parseIp(text);
  if (!ip) throw new Error(`not an address: ${text}`);
  return ip;
}

/** Like `parseCidr`, for validated text. Throws on any other text, which would be a bug in this program. */
export function rangeOf(text: Cidr): IpRange {
  const range = parseCidr(text);
  if (!range) throw new Error(`not a network: ${text}`);
  return range;
}

/** Canonical text (RFC 5952 for IPv6). */
export function formatIp({ family, value }: Ip): Address {
  return family === 4 ? Address4.fromBigInt(value).correctForm() : Address6.fromBigInt(value).correctForm();
}

/** Canonical text of an address with its prefix, host bits kept. */
export function formatRange(range: IpRange): Cidr {
  return `${formatIp(range)}/${range.prefix}`;
}

/** The network of a range, without host bits. */
export function networkOf(range: IpRange): Cidr {
  return `${formatIp({ family: range.family, value: range.network })}/${range.prefix}`;
}

/** Whether the range contains the address. */
export function contains(range: IpRange, ip: Ip): boolean {
  return range.family === ip.family && ip.value >= range.network && ip.value <= range.last;
}

/** Whether two ranges share an address. */
export function overlaps(a: IpRange, b: IpRange): boolean {
  return a.family === b.family && a.network <= b.last && b.network <= a.last;
}

/** Whether no host may have the address: it is the range's first or, for IPv4, last address (not in a /31: RFC 3021). */
export function isReservedIn(range: IpRange, ip: Ip): 'network' | 'broadcast' | undefined {
  if (range.prefix >= width(range.family) - 1 || range.family !== ip.family) return undefined;
  if (ip.value === range.network) return 'network';
  return range.family === 4 && ip.value === range.last ? 'broadcast' : undefined;
}

/** `address/prefix` of a node's address in its node network of this family; with the full prefix length if there is none. */
export function inNodeNetwork(address: string, nodeCidrs: readonly Cidr[]): string {
  const ip = ipOf(address);
  const range = nodeCidrs.map(rangeOf).find(({ family }) => family === ip.family);
  const prefix = range?.prefix ?? (ip.family === 4 ? 32 : 128);
  return formatRange({ ...rangeOf(`${address}/${prefix}`), prefix });
}
