/** The forms of texts: the accepted texts, their values, and laws that hold for all forms. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { consoleName } from '../../../src/config/schema/cluster.ts';
import * as forms from '../../../src/config/schema/forms.ts';
import * as names from '../../../src/config/schema/names.ts';
import { textOrNumber } from '../../../src/config/schema/scalar.ts';
import { contains, formatRange, parseCidr, rangeOf } from '../../../src/config/network/net.ts';

const read = (schema: z.ZodType, text: string): unknown => schema.safeParse(text).data;
const all = { ...forms, ...names, consoleName, sysctlValue: textOrNumber };

const table: readonly (readonly [
  form: keyof typeof all,
  accepted: Readonly<Record<string, unknown>>,
  refused: readonly string[],
])[] = [
  ['name', { 'master-01': 'master-01', a: 'a' }, ['Master', '01', '-a', 'a-', 'a.b', 'a'.repeat(64), '']],
  ['hostname', { 'a.b': 'a.b', Host: 'Host' }, ['a..b', '1.2.3.4', '-a', 'a_b', `${'a'.repeat(60)}.${'b'.repeat(10)}`]],
  [
    'address',
    { '10.0.0.1': '10.0.0.1', 'FD00:0:0::1': 'fd00::1' },
    ['10.0.0', '010.0.0.1', '10.0.0.1/24', 'fe80::1%eth0', '::ffff:1.2.3.4'],
  ],
  [
    'cidr',
    { '10.0.0.1/24': '10.0.0.1/24', 'FD00::/8': 'fd00::/8' },
    ['10.0.0.1', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/', 'fd00::/129'],
  ],
  ['gateway', { none: 'none', '10.0.0.1': '10.0.0.1' }, ['None', '']],
  [
    'size',
    { '40G': 40 * 1024 ** 3, '512': 512, '1T': 1024 ** 4, '1099511627776': 1024 ** 4 },
    ['0', '0G', '40 G', '40GB', '1.5G', '-1G'],
  ],
  ['duration', { '24h': 86_400, '1h30m': 5400, '90s': 90, '7d': 604_800 }, ['24', '0s', 'h', '1w', '1 h']],
  ['mode', { '0644': 0o644, '755': 0o755, '04755': 0o4755 }, ['0888', '7', '0o644', 'rw-r--r--', '064444']],
  ['version', { '1.35.4': '1.35.4', 'v1.35.4': '1.35.4' }, ['1.35', '1.35.4-rc.1', '01.35.4', '']],
  ['mac', { 'AA-BB-CC-DD-EE-0F': 'aa:bb:cc:dd:ee:0f' }, ['aa:bb:cc:dd:ee', 'aa:bb:cc:dd:ee-ff', 'gg:bb:cc:dd:ee:ff']],
  ['line', { 'a b': 'a b' }, ['', ' a', 'a\n', 'a\tb', 'a\u0000', 'a\u2028b']],
  [
    'absolutePath',
    { '/etc/motd': '/etc/motd', '/a/.b': '/a/.b' },
    ['etc', '/', '/etc/', '/a//b', '/a/../b', '/a/.', '/é', '/a b'],
  ],
  ['reference', { './a/b': 'a/b', a: 'a' }, ['/etc/passwd', '~/x', 'C:x', '', 'a\nb']],
  [
    'url',
    { 'https://a.example/b/': 'https://a.example/b' },
    ['ftp://a', 'a.example', 'https://u:p@a', 'https://a b', 'http://a:0', 'http://a..b', 'http://.a'],
  ],
  ['proxyUrl', { 'http://u:p@a:3128': 'http://u:p@a:3128' }, ['socks://a', 'http://', 'http://a:0']],
  ['interfaceName', { 'eth0.5': 'eth0.5' }, ['a'.repeat(16), 'a/b', '.a', 'a b', 'a%d', 'a:0', 'é']],
  [
    'sshKey',
    {},
    [
      'ssh-ed25519 AAAA',
      'AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ',
      '-----BEGIN OPENSSH PRIVATE KEY-----',
    ],
  ],
  ['passwordHash', {}, ['hunter2', '$1$abc$def', '!']],
  ['bootstrapToken', { 'abcdef.0123456789abcdef': 'abcdef.0123456789abcdef' }, ['abcdef', 'ABCDEF.0123456789abcdef']],
  [
    'consoleName',
    { tty0: 'tty0', 'ttyS0,115200': 'ttyS0,115200', ttyAMA0: 'ttyAMA0', ttyUSB1: 'ttyUSB1', hvc0: 'hvc0' },
    ['hvc', 'ttyS', 'console', 'hvc0,', '/dev/hvc0', 'eth0'],
  ],
  ['sysctlValue', { '1': '1', '4096\t65536\t\t16777216': '4096 65536 16777216', 'a  b': 'a  b' }, ['', '1\t', '1\n2']],
  ['kernelArgument', { 'intel_iommu=on': 'intel_iommu=on' }, ['a b', 'a"b', "a'b", '']],
  [
    'timezone',
    { 'Europe/Berlin': 'Europe/Berlin', UTC: 'UTC', 'America/Indiana/Knox': 'America/Indiana/Knox' },
    ['Mars', 'europe', '../etc/passwd', 'Europe/BERLIN', 'US/Pacific', 'Asia/Calcutta', 'CEST', 'UTC+2', 'America'],
  ],
  [
    'ageRecipient',
    {
      age10hv3yq4ew48azcv07zpeej0qzr977rxkvmh40j6q7n7c5qvn4fys0azay9:
        'age10hv3yq4ew48azcv07zpeej0qzr977rxkvmh40j6q7n7c5qvn4fys0azay9',
    },
    [
      'age10hv3yq4ew48azcv07zpeej0qzr977rxkvmh40j6q7n7c5qvn4fys0azay8',
      'age10hv3yq4ew48azcv07zpeej0qzr977rxkvmh40j6q7n7c5qvn4fys0zaay9',
      'age10hv3yq4ew48azcv07zpeej0qzr977rxkvmh40j6q7n7c5qvn4fys0aza',
      `age1${'q'.repeat(58)}`,
    ],
  ],
  [
    'aptSource',
    Object.fromEntries(
      [
        'https://mirror.lab.example/debian',
        'deb http://mirror.lab.example/debian trixie main',
        'deb [signed-by=/usr/share/keyrings/a.gpg arch=amd64] http://mirror.lab.example/debian trixie main non-free-firmware',
        'deb [trusted=yes] file:/srv/repo ./',
      ].map((source) => [source, source]),
    ),
    [
      ...['mirror.lab.example', 'ppa:a/b', 'deb-src http://mirror.lab.example/debian trixie main', 'deb trixie main'],
      ...['deb http://mirror.lab.example/debian trixie', 'deb http://mirror.lab.example/debian ./ main'],
    ],
  ],
  ['unitName', { 'a@.service': 'a@.service' }, ['a', 'a.conf', 'a/b.service']],
  ['packageName', { 'g++': 'g++', 'vim=2:9.1-1': 'vim=2:9.1-1' }, ['Vim', 'a b', '-y', 'vim-', 'a']],
  [
    'registryHost',
    {
      ...{ _default: '_default', 'r.example:5000': 'r.example:5000', 'index.docker.io': 'docker.io' },
      ...{ '10.0.0.5:5000': '10.0.0.5:5000', '[fd00::5]:5000': '[fd00::5]:5000', '[fd00:0::5]': '[fd00:0::5]' },
    },
    [
      ...['https://r', 'r/x', '', '*', 'R.example', 'r..example', 'r:0', 'r:65536', 'hub.docker.com'],
      ...[
        'fd00::5',
        '[fd00::5',
        '[fd00::5]:0',
        '[fd00::5]:65536',
        '[fd00::g]',
        '[::ffff:a00:5]',
        '[fd00::5]x',
        '[]',
        '[10.0.0.5]',
      ],
    ],
  ],
  ['mirrorUrl', { 'https://h.example/v2/a/': 'https://h.example/v2/a' }, ['https://h.example/v2?ns=a', 'h.example']],
  ['sysctlKey', { 'net.ipv4.ip_forward': 'net.ipv4.ip_forward' }, ['swappiness', 'a b.c', '.a']],
];

describe.each(table)('%s', (form, accepted, refused) => {
  const schema = all[form] as z.ZodType;
  test('accepts', () => {
    expect(Object.fromEntries(Object.keys(accepted).map((text) => [text, read(schema, text)]))).toEqual(accepted);
  });
  test('refuses', () => {
    expect(refused.filter((text) => read(schema, text) !== undefined)).toEqual([]);
  });
});

test('a MAC is the same in every notation, and reading it again changes nothing', () => {
  const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(octets, fc.boolean(), (bytes, upper) => {
      const pairs = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
      const canonical = pairs.join(':');
      const plain = pairs.join('');
      const dotted = [plain.slice(0, 4), plain.slice(4, 8), plain.slice(8)].join('.');
      for (const text of [canonical, pairs.join('-'), dotted, plain]) {
        expect(read(forms.mac, upper ? text.toUpperCase() : text)).toBe(canonical);
      }
    }),
  );
});

const network = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
);

test('reading canonical text again changes nothing', () => {
  fc.assert(
    fc.property(network, ([address, prefix]) => {
      const range = parseCidr(`${address}/${prefix}`);
      fc.pre(range !== undefined);
      const text = formatRange(range);
      expect(formatRange(rangeOf(text))).toBe(text);
      expect(contains(range, range)).toBe(true);
    }),
  );
});
