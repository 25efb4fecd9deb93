/**
 * Each escaper against a table: its output, and its refusals. oracle.test.ts compares with the programs that read the
 * formats.
 */
import { describe, expect, test } from 'vitest';
import { UnrepresentableError } from '../../src/render/engine/error.ts';
import { ESCAPES, type Format } from '../../src/render/engine/escape.ts';

const WRITES: readonly [Format, unknown, string][] = [
  ['word', 'fd00::1', 'fd00::1'],
  ['word', '[fd00::1]:6443', '[fd00::1]:6443'],
  ['word', 9000, '9000'],
  ['line', 'QEMU HARDDISK #2', 'QEMU HARDDISK #2'],
  ['shell', "it's", String.raw`'it'\''s'`],
  ['shell', '', "''"],
  ['env', '', '""'],
  ['env', 'a "b" $c `d` \\e', '"a \\"b\\" \\$c \\`d\\` \\\\e"'],
  ['unit', '50%', '50%%'],
  ['unit', ['a=1', 'b=two words', 'c=50%', 'd="q" \\'], String.raw`a=1 "b=two words" c=50%% "d=\"q\" \\"`],
  ['unit', { argv: ['/bin/echo', '$HOME', '100%', ';', ''] }, '/bin/echo $$HOME 100%% ";" ""'],
  ['keyfile', '  two blanks each side  ', String.raw`\s\stwo blanks each side\s\s`],
  ['keyfile', 'back\\slash;#', 'back\\\\slash;#'],
  ['keyfile', ['a', 'b;c'], String.raw`a;b\;c;`],
  ['keyfile', true, 'true'],
  ['toml', 'say "hi" \\', String.raw`"say \"hi\" \\"`],
  ['toml', ['a', 1, false], '["a", 1, false]'],
  ['toml', { a: 1, b: { 'c.d': { e: [{ f: 'g' }] } } }, 'a = 1\n\n[b."c.d"]\n  e = [{ f = "g" }]'],
  ['json', { b: 1, a: ['x'] }, '{\n  "b": 1,\n  "a": [\n    "x"\n  ]\n}'],
  [
    'yaml',
    { on: 'yes', mac: '52:54:00:12:34:01', version: '1.30' },
    '"on": "yes"\nmac: "52:54:00:12:34:01"\nversion: "1.30"',
  ],
  ['yaml', 'system:kube-scheduler', 'system:kube-scheduler'],
  ['yaml', 'bGFi+/8K', 'bGFi+/8K'],
  ['yaml', 'bGFiLTAxMQ==', 'bGFiLTAxMQ=='],
  ['yaml', '123', '"123"'],
  ['yaml', 'on', '"on"'],
  ['yaml', '1e1000000', '"1e1000000"'],
  ['yaml', 'https://[fd00::1]:6443', "'https://[fd00::1]:6443'"],
  ['yaml', `{"it's": 1}`, `'{"it''s": 1}'`],
  ['ceph', '[v2:10.0.0.1:3300,v1:10.0.0.1:6789]', '[v2:10.0.0.1:3300,v1:10.0.0.1:6789]'],
  ['ceph', 'profile rbd pool=a, allow rw', 'profile rbd pool=a, allow rw'],
  ['issue', String.raw`a\nb`, String.raw`a\\nb`],
  ['html', `<b title="a" class='b'>&amp;`, '&lt;b title=&quot;a&quot; class=&#39;b&#39;&gt;&amp;amp;'],
  ['html', 0, '0'],
];

const TEXTUAL: readonly Format[] = ['word', 'line', 'shell', 'env', 'unit', 'keyfile', 'toml', 'issue', 'ceph', 'html'];
const REFUSES: readonly [Format, unknown, string][] = [
  ...TEXTUAL.flatMap((format): [Format, unknown, string][] => [
    [format, null, 'null cannot be written as text'],
    [format, undefined, 'undefined cannot be written as text'],
    ...(format === 'toml'
      ? []
      : [[format, { a: 1 }, 'an object cannot be written as text'] as [Format, unknown, string]]),
    [format, Number.NaN, 'the number NaN cannot be written as text'],
    [format, 'two\nlines', 'a control character or line break cannot be written here'],
    [format, 'a\u2028b', 'a control character or line break cannot be written here'],
    [format, '\ud800', 'the text is not valid Unicode'],
  ]),
  ['toml', { 'a]': { b: 1 } }, '`]` cannot be part of the name of a table'],
  ['word', '[fd00::1', 'only letters, digits and `. : / @ + = , ~ ^ * $ - _` can be written here'],
  ['word', 'a[0]', 'only letters, digits and `. : / @ + = , ~ ^ * $ - _` can be written here'],
  ['word', 'two words', 'only letters, digits and `. : / @ + = , ~ ^ * $ - _` can be written here'],
  ['word', '%u', 'only letters, digits and `. : / @ + = , ~ ^ * $ - _` can be written here'],
  ['word', '', 'only letters, digits and `. : / @ + = , ~ ^ * $ - _` can be written here'],
  ['line', ' a', 'an empty value or blanks at its ends cannot be written here'],
  ['unit', 'a\\', 'an empty value, blanks at its ends or a backslash at its end cannot be written here'],
  ...['"', "'", ';', '#', '$', '\\', ' a'].map((text): [Format, unknown, string] => [
    ...(['ceph', text] as const),
    'quotes, `;`, `#`, `$`, backslashes and blanks at its ends cannot be written here',
  ]),
  ['unit', { argv: ['-echo'] }, 'a command must start with an absolute path'],
  ['shell', ['a'], 'a list cannot be written as text'],
  ['yaml', { a: undefined }, 'undefined cannot be written as data'],
  ['json', [Number.POSITIVE_INFINITY], 'the number Infinity cannot be written as data'],
];

describe('escapers', () => {
  test.each(WRITES)('%s writes %j', (format, value, expected) => {
    expect(ESCAPES[format](value)).toBe(expected);
  });

  test.each(REFUSES)('%s refuses %j', (format, value, message) => {
    expect(() => ESCAPES[format](value)).toThrow(new UnrepresentableError(message));
  });
});
