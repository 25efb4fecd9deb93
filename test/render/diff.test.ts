import { applyPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentChange, diffSnapshots, snapshotOf, type Snapshot } from '../../src/render/tree/diff.ts';
import { digestOf } from '../../src/render/tree/inventory.ts';
import type { FileEntry, TreeEntry } from '../../src/render/tree/tree.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const origin = { kind: 'setting' as const, source: 'cluster', settings: [] };
const owner = { uid: 0, gid: 0, origin };

function file(path: string, content: string | Uint8Array, of: Partial<FileEntry> = {}): FileEntry {
  const data = typeof content === 'string' ? bytes(content) : content;
  return { type: 'file', path, content: data, secret: false, mode: 0o644, ...owner, ...of };
}
const link = (path: string, target: string): TreeEntry => ({ type: 'symlink', path, target, mode: 0o777, ...owner });
const folder = (path: string, mode: number): TreeEntry => ({ type: 'directory', path, mode, ...owner });

const of = (...entries: TreeEntry[]): Snapshot => snapshotOf(entries);

test('a snapshot holds the contents of files, but not of secrets', () => {
  expect(of(file('a', 'x'), file('b', 'hush', { secret: true }), link('c', 'a'), folder('d', 0o700))).toEqual([
    {
      path: 'a',
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      secret: false,
      digest: digestOf(bytes('x')),
      content: bytes('x'),
    },
    {
      path: 'b',
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      secret: true,
      digest: digestOf(bytes('hush')),
      content: null,
    },
    { path: 'c', type: 'symlink', mode: 0o777, uid: 0, gid: 0, secret: false, digest: 'a', content: null },
    { path: 'd', type: 'directory', mode: 0o700, uid: 0, gid: 0, secret: false, digest: '-', content: null },
  ]);
});

describe('diffSnapshots', () => {
  const paths = (before: Snapshot, after: Snapshot): string[] =>
    diffSnapshots(before, after).map(
      ({ path, before: was, after: is }) => `${was === null ? '+' : is === null ? '-' : '~'}${path}`,
    );

  test('what comes, goes and changes, sorted by path', () => {
    const before = of(file('a', '1'), file('b', '1'), file('c', '1'), file('e', '1'));
    const after = of(file('a', '1'), file('b', '2'), file('d', '1'), file('e', '1'));
    expect(paths(before, after)).toEqual(['~b', '-c', '+d']);
  });

  test.each<[string, TreeEntry, TreeEntry]>([
    ['mode', file('a', ''), file('a', '', { mode: 0o600 })],
    ['owner', file('a', ''), file('a', '', { uid: 64045 })],
    ['group', file('a', ''), file('a', '', { gid: 64045 })],
    ['content', file('a', ''), file('a', 'x')],
    ['secret', file('a', 'x', { secret: true }), file('a', 'y', { secret: true })],
    ['target', link('a', 'b'), link('a', 'c')],
    ['type', file('a', ''), link('a', 'b')],
    ['mode of a folder', folder('a', 0o700), folder('a', 0o755)],
  ])('a change of %s alone is one', (_, before, after) => {
    expect(paths(of(before), of(after))).toEqual(['~a']);
    expect(paths(of(before), of(before))).toEqual([]);
  });
});

describe('contentChange', () => {
  const change = (before: TreeEntry | null, after: TreeEntry | null): ReturnType<typeof contentChange> =>
    contentChange({
      path: 'a',
      before: before && (of(before)[0] ?? null),
      after: after && (of(after)[0] ?? null),
    });
  const digest = (content: string | Uint8Array): string =>
    digestOf(typeof content === 'string' ? bytes(content) : content);

  test('a secret shows as digests, whichever side is secret', () => {
    const secret = file('a', 'hush', { secret: true });
    const digests = { before: digest('hush'), after: digest('loud') };
    expect(change(secret, file('a', 'loud'))).toEqual({ kind: 'secret', ...digests });
    expect(change(null, secret)).toEqual({ kind: 'secret', before: null, after: digest('hush') });
  });

  test.each([
    ['NUL', Uint8Array.of(0)],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['an escape sequence that a terminal would obey', bytes('\x1b[2J')],
    ['a C1 control character', bytes('\u009b2J')],
  ])('%s is binary', (_, content) => {
    expect(change(file('a', ''), file('a', content))).toEqual({
      kind: 'binary',
      before: digest(''),
      after: digest(content),
    });
  });

  test('a content that is not at hand', () => {
    const [entry] = of(file('a', 'x'));
    const before = entry === undefined ? null : { ...entry, content: null };
    const after = of(file('a', 'y'))[0] ?? null;
    expect(contentChange({ path: 'a', before, after })).toEqual({
      ...{ kind: 'unknown', before: digest('x'), after: digest('y') },
    });
  });

  test('links, folders and equal contents have none', () => {
    expect(change(link('a', 'b'), link('a', 'c'))).toEqual({ kind: 'same' });
    expect(change(file('a', 'x'), file('a', 'x', { mode: 0 }))).toEqual({ kind: 'same' });
    expect(change(folder('a', 0o755), null)).toEqual({ kind: 'same' });
  });

  test('the hunks of a text turn one side into the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '', 'ü', '-x', '+y', '@@', '\\'), { maxLength: 12 });
    const side = fc.tuple(text, fc.boolean()).map(([lines, ended]) => lines.join('\n') + (ended ? '\n' : ''));
    fc.assert(
      fc.property(side, side, (from, to) => {
        const found = change(file('a', from), file('a', to));
        if (from === to) expect(found).toEqual({ kind: 'same' });
        else if (found.kind !== 'text') expect.fail(`${found.kind} instead of text`);
        else {
          const patch = { oldFileName: '', newFileName: '', oldHeader: '', newHeader: '', index: '' };
          expect(applyPatch(from, { ...patch, hunks: [...found.hunks] })).toBe(to);
        }
      }),
    );
  });
});
