/** The formats of texts in the configuration: names, addresses, sizes, durations and so on. Each is read into a canonical value. */
import { DEFAULT_KUBERNETES } from '../kubernetes/releases.ts';
import { formatIp, formatRange, parseCidr, parseIp } from '../network/net.ts';
import { isLine, matching, scalar } from './scalar.ts';

const labelPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const hostPattern = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** The last label must contain a letter, so that an address is not a domain. */
const domainPattern = new RegExp(`^(?=.*[a-z][^.]*$)${hostPattern.source.slice(1)}`);

/** A name must contain a letter, so that it is neither a number nor an address. */
export const name = scalar({
  expected: 'a name of at most 63 lower-case letters, digits and `-`, with a letter in it (RFC 1123)',
  pattern: labelPattern,
  examples: ['master-01'],
  parse: (text) => (labelPattern.test(text) && /[a-z]/.test(text) ? text : undefined),
});

export const domain = matching('a DNS domain in lower case like `lab.example`', domainPattern, ['lab.example']);

export const endpoint = matching(
  'a DNS name in lower case like `api.lab.example`; an address of the masters belongs into `virtual_ip`',
  domainPattern,
  ['api.lab.example'],
);

export const hostname = scalar({
  expected: 'a host name of at most 64 letters, digits, `-` and dots (RFC 1123)',
  examples: ['master-01.lab.example'],
  parse: (text) => (isHostname(text) && text.length <= 64 ? text : undefined),
});

export const address = scalar({
  expected: 'an IPv4 or IPv6 address like `192.168.50.11`, without a prefix',
  examples: ['192.168.50.11', 'fd00:50::11'],
  parse: (text) => {
    const ip = parseIp(text);
    return ip && formatIp(ip);
  },
});

/** A default gateway, or `none` for a closed network. */
export const gateway = scalar({
  expected: 'an IPv4 or IPv6 address like `192.168.50.1`, or `none`',
  examples: ['192.168.50.1', 'none'],
  parse: (text) => {
    const ip = parseIp(text);
    return text === 'none' ? 'none' : ip && formatIp(ip);
  },
});

export const cidr = scalar({
  expected: 'an address with a prefix length like `192.168.50.0/24`',
  examples: ['192.168.50.0/24'],
  parse: (text) => {
    const range = parseCidr(text);
    return range && formatRange(range);
  },
});

export const addressOrHost = scalar({
  expected: 'an address or a host name like `192.168.50.1` or `ntp.lab.example`',
  examples: ['192.168.50.1', '0.debian.pool.ntp.org'],
  parse: (text) => {
    const ip = parseIp(text);
    return ip ? formatIp(ip) : isHostname(text) ? text.toLowerCase() : undefined;
  },
});

/** Colons, dashes, Cisco's dots or nothing between the digits, any case; read as lower case with colons. */
export const mac = scalar({
  expected: 'a MAC address like `52:54:00:12:34:01`',
  examples: ['52:54:00:12:34:01'],
  parse: (text) => {
    const known =
      /^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{2}(-[0-9a-f]{2}){5}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}|[0-9a-f]{12})$/i;
    if (!known.test(text)) return undefined;
    return text
      .toLowerCase()
      .replace(/[^0-9a-f]/g, '')
      .match(/../g)
      ?.join(':');
  },
});

const globbed = (characters: string) => String.raw`([?*${characters}]|\[[!^]?[${characters}]+\])+`;

/** A pattern of fnmatch(3): `*`, `?` and `[…]`, of words that hold no blanks. */
export const glob = matching(
  'a word, in which `*`, `?` and `[…]` stand for other characters',
  new RegExp(`^${globbed('A-Za-z0-9_.:,@/-')}$`),
  ['en*', 'ixgbe', 'pci-0000:02:00.?'],
);

/** The same of a MAC in lower case with colons. */
export const macGlob = scalar({
  expected: 'a MAC address or a pattern like `52:54:00:*`',
  examples: ['52:54:00:*'],
  parse: (text) => (new RegExp(`^${globbed('0-9A-Fa-f:-')}$`).test(text) ? text.toLowerCase() : undefined),
});

/** Whether a canonical MAC can belong to one machine: not a group address (IEEE 802, first bit sent), not all zeros. */
export function isUnicastMac(text: string): boolean {
  return (Number.parseInt(text.slice(0, 2), 16) & 1) === 0 && text !== '00:00:00:00:00:00';
}

const sizeUnits = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4, P: 1024 ** 5 };

/** Bytes; the suffixes are powers of 1024. */
export const size = scalar({
  expected: 'a size in quotes like `"40G"` (K, M, G, T, P: powers of 1024)',
  pattern: /^\d{1,16}[KMGTP]?$/,
  examples: ['40G'],
  parse: (text) => {
    const [, count, unit = ''] = /^(\d{1,16})([KMGTP]?)$/.exec(text) ?? [];
    const bytes = Number(count) * sizeUnits[unit as keyof typeof sizeUnits];
    return count !== undefined && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
  },
});

const durationUnits = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds. */
export const duration = scalar({
  expected: 'a duration like `24h` (s, m, h, d; also `1h30m`)',
  pattern: /^(\d{1,6}[smhd])+$/,
  examples: ['24h'],
  parse: (text) => {
    if (!/^(\d{1,6}[smhd])+$/.test(text)) return undefined;
    const parts = [...text.matchAll(/(\d+)([smhd])/g)];
    const seconds = parts.reduce((sum, part) => sum + Number(part[1]) * durationUnits[part[2] as 's'], 0);
    return seconds > 0 ? seconds : undefined;
  },
});

export const mode = scalar({
  expected: 'permission bits in octal and in quotes like `"0644"`',
  pattern: /^0?[0-7]{3,4}$/,
  examples: ['0644', '0755'],
  parse: (text) => (/^(0?[0-7]{3}|0?[0-7]{4})$/.test(text) ? Number.parseInt(text, 8) : undefined),
});

/** `major.minor.patch` without a `v`. */
export const version = scalar({
  expected: `a version in three parts and in quotes like \`"${DEFAULT_KUBERNETES}"\``,
  pattern: /^v?\d+\.\d+\.\d+$/,
  examples: [DEFAULT_KUBERNETES],
  parse: (text) => /^v?((0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3}))$/.exec(text)?.[1],
});

/** Of containerd 2, without a `v`. Its configuration has this form from 2.1 on, and 2.2 is the oldest minor version with fixes. */
export const containerdVersion = scalar({
  expected: 'a version of containerd from 2.2 on, in three parts and in quotes like `"2.3.4"`',
  pattern: /^v?2\.([2-9]|\d\d+)\.\d+$/,
  examples: ['2.3.4'],
  parse: (text) => /^v?(2\.([2-9]|[1-9]\d{1,3})\.(0|[1-9]\d{0,3}))$/.exec(text)?.[1],
});

/** Text on one line. */
export const line = scalar({ expected: 'text on one line', parse: (text) => (isLine(text) ? text : undefined) });

/** Text of any number of lines. */
export const content = scalar({
  expected: 'text without NUL characters',
  parse: (text) => (text.includes('\0') ? undefined : text),
});

function isHostname(text: string): boolean {
  return hostPattern.test(text.toLowerCase()) && !/^[\d.]+$/.test(text) && !/\.\d+$/.test(text);
}
