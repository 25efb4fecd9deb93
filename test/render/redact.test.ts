import { expect, test } from 'vitest';
import { digestOf, inventory } from '../../src/render/tree/inventory.ts';
import { isSecretLine, redactTree, secretLine } from '../../src/render/tree/redact.ts';
import type { FileEntry, FileTree } from '../../src/render/tree/tree.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const origin = { kind: 'setting' as const, source: 'cluster', settings: [] };
const file = (path: string, content: string, secret: boolean): FileEntry => ({
  ...{ type: 'file', path, content: bytes(content), secret, mode: 0o600, uid: 1, gid: 2, origin },
});
const link = { type: 'symlink', path: 'c', target: 'a', mode: 0o777, uid: 0, gid: 0, origin } as const;

test('secrets become their digests, everything else stays the very same', () => {
  const tree: FileTree = [file('a', 'hush', true), file('b', 'loud', false), link];
  const [a, b, c] = redactTree(tree);
  expect(a).toEqual({
    ...tree[0],
    content: bytes('coldstart secret sha256:dc8331bcb2283e89d275a1c2fe66f7bf5ac3163ec1967f149dd7e27906365f0c\n'),
  });
  expect([b, c]).toEqual([tree[1], link]);
  expect(b).toBe(tree[1]);
});

test('entries that trees share stay shared', () => {
  const shared = file('a', 'hush', true);
  expect(redactTree([shared])[0]).toBe(redactTree([shared])[0]);
});

test('the tree itself is left as it was, so that its inventory still names the secret', () => {
  const tree = [file('a', 'hush', true)];
  const before = inventory(tree);
  redactTree(tree);
  expect(inventory(tree)).toBe(before);
});

test('a stand-in is recognised by its digest alone', () => {
  const digest = digestOf(bytes('hush'));
  expect(isSecretLine(bytes(secretLine(digest)), digest)).toBe(true);
  expect(isSecretLine(bytes(secretLine(digest)), digestOf(bytes('other')))).toBe(false);
  expect(isSecretLine(bytes('hush'), digest)).toBe(false);
  expect(isSecretLine(bytes(`${secretLine(digest)}more`), digest)).toBe(false);
});
