/** Places of settings, covered lines, and nearest words. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrames } from '../../src/diagnostics/frame.ts';
import { formatPath, parsePath } from '../../src/diagnostics/path.ts';
import { createSource } from '../../src/diagnostics/source.ts';
import { editDistance, suggest } from '../../src/diagnostics/suggest.ts';

const where = (text: string, path: (string | number)[]): string => {
  const { at, depth } = createSource('f', text).locate(path);
  return `${at.line}:${at.column}+${at.length} ${depth}`;
};

describe('locate', () => {
  test.each([
    ['a scalar', 'a:\n  b: 12\n', ['a', 'b'], '2:6+2 2'],
    ['an entry of a list', 'a: [x, yy]\n', ['a', 1], '1:8+2 2'],
    ['a group, by its key', 'a:\n  b:\n    c: 1\n', ['a', 'b'], '2:3+1 2'],
    ['a group in a list, by its first key', 'a:\n  - b: 1\n    c: 2\n', ['a', 0], '2:5+1 2'],
    ['an empty value, by its key', 'a:\n  b:\n', ['a', 'b'], '2:3+1 2'],
    ['a missing key, by the deepest that exists', 'a:\n  b: 1\n', ['a', 'c', 'd'], '1:1+1 1'],
    ['through an alias', 'x: &x\n  b: 1\na: *x\n', ['a', 'b'], '2:6+1 2'],
    ['through a merge', 'x: &x { b: 1 }\na:\n  <<: *x\n  c: 2\n', ['a', 'b'], '1:12+1 2'],
    ['through a list of merges', 'x: &x { b: 1 }\ny: &y { d: 3 }\na:\n  <<: [*x, *y]\n', ['a', 'd'], '2:12+1 2'],
    ['a key that is a number', 'a:\n  5: x\n', ['a', '5'], '2:6+1 2'],
    ['a block of text, by its key', 'a: |\n  x\n  y\n', ['a'], '1:4+1 1'],
    ['nothing at all', '', ['a'], '1:1+1 0'],
  ] as const)('%s', (_, text, path, expected) => {
    expect(where(text, [...path])).toBe(expected);
  });
});

test.each([
  ['a block', 'a:\n  b: |\n    x\n\n      y z\n  c: 1\n', 1, '3:5+1'],
  ['a block, further in', 'a:\n  b: |\n    x\n\n      y z\n  c: 1\n', 3, '5:7+3'],
  ['a block with a comment behind its mark', 'a:\n  b: |- # text\n    x\n    y\n', 2, '4:5+1'],
  ['a block that ends before', 'a:\n  b: |\n    x\n  c: 1\n', 2, '2:6+1'],
  ['a quoted text, whose lines are no lines of the file', 'a:\n  b: "x\\ny"\n', 2, '2:6+6'],
  ['a folded text, likewise', 'a:\n  b: >\n    x\n    y\n', 2, '2:6+1'],
] as const)('a line of %s', (_, text, line, expected) => {
  const { at } = createSource('f', text).locateLine(['a', 'b'], line);
  expect(`${String(at.line)}:${String(at.column)}+${String(at.length)}`).toBe(expected);
});

test('covered lines keep the underline where it belongs', () => {
  const line = 'a: { token: abc, mode: 755 }';
  const frame = createFrames(line, [{ start: 12, end: 15 }]);
  const show = (column: number, length: number): string => {
    const shown = frame({ file: 'f', line: 1, column, length, path: '' });
    return shown ? shown.text.slice(shown.column - 1, shown.column - 1 + shown.length) : '';
  };
  expect(frame({ file: 'f', line: 1, column: 1, length: 1, path: '' })?.text).toBe('a: { token: ******, mode: 755 }');
  expect([show(13, 3), show(14, 1), show(24, 3), show(6, 5), show(6, 10)]).toEqual([
    '******',
    '******',
    '755',
    'token',
    'token: ******',
  ]);
});

test('no frame shows a covered character, whatever is marked', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), fc.nat(39), fc.nat(40), (a, b, column, length) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      const text = '.'.repeat(start) + 'S'.repeat(end - start) + '.'.repeat(40 - end);
      const shown = createFrames(text, [{ start, end }])({
        file: 'f',
        line: 1,
        column: column + 1,
        length: length + 1,
        path: '',
      });
      expect(shown?.text).not.toContain('S');
      expect(shown && shown.column - 1 + shown.length <= Math.max(1, shown.text.length)).toBe(true);
    }),
  );
});

test('paths are read as they are written', () => {
  const steps = fc.array(fc.oneof(fc.nat(99), fc.constantFrom('cluster', 'nodes', 'a_b', 'x.y/z')), { maxLength: 5 });
  fc.assert(
    fc.property(steps, (path) => {
      expect(parsePath(formatPath(path))).toEqual(path);
    }),
  );
  expect(formatPath(['nodes', 'master-01', 'ip'])).toBe('nodes[master-01].ip');
});

describe('suggest', () => {
  test.each([
    ['adress', 'address'],
    ['netwrok', 'network'],
    ['virtual-ip', 'virtual_ip'],
    ['Roles', 'roles'],
    ['gatewy', 'gateway'],
    ['frobnicate', undefined],
    ['x', undefined],
  ])('%s: %s', (word, expected) => {
    expect(suggest(word, ['address', 'network', 'virtual_ip', 'roles', 'gateway'])).toBe(expected);
  });

  test('the distance is a distance', () => {
    const words = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
    expect([editDistance('ab', 'ba'), editDistance('abc', 'c'), editDistance('', 'abc')]).toEqual([1, 2, 3]);
  });
});
