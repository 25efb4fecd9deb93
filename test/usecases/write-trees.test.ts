import { lstat, mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readNode, WrittenFiles, writeNode } from '../../src/builder/output/write-tree.ts';
import { diffSnapshots, snapshotOf } from '../../src/render/tree/diff.ts';
import type { FileEntry, FileTree } from '../../src/render/tree/tree.ts';
import { temporaryFolder } from '../builder/temporary.ts';

const origin = { kind: 'setting' as const, source: 'cluster', settings: [] };
const file = (path: string, content: string, of: Partial<FileEntry> = {}): FileEntry => {
  const data = new TextEncoder().encode(content);
  return { type: 'file', path, content: data, secret: false, mode: 0o644, uid: 0, gid: 0, origin, ...of };
};

const TREE: FileTree = [
  { type: 'directory', path: 'closed', mode: 0o1750, uid: 7, gid: 7, origin },
  file('closed/inside', 'in\n', { mode: 0o444 }),
  file('deep/er/file', 'text\n', { mode: 0o755, uid: 64045 }),
  { type: 'symlink', path: 'deep/link', target: '../with blank', mode: 0o777, uid: 0, gid: 0, origin },
  file('secret', 'hush', { secret: true, mode: 0o600 }),
];

test('files, links and the modes of both files and folders, whatever the umask', async () => {
  const folder = await temporaryFolder();
  const former = process.umask(0o077);
  writeNode(folder, TREE, false);
  process.umask(former);
  const root = join(folder, 'tree');
  const mode = async (path: string): Promise<number> => (await lstat(join(root, path))).mode & 0o7777;
  expect([await mode('closed'), await mode('closed/inside'), await mode('deep/er/file')]).toEqual([
    0o1750, 0o444, 0o755,
  ]);
  expect(await readlink(join(root, 'deep/link'))).toBe('../with blank');
  expect(await readFile(join(root, 'secret'), 'utf8')).toMatch(/^coldstart secret sha256:[0-9a-f]{64}\n$/);
});

test('what was written reads back as the tree’s own snapshot', async () => {
  const folder = await temporaryFolder();
  writeNode(folder, TREE, false);
  const read = ((await readNode(folder)) ?? []).map((entry) => ({
    ...entry,
    content: entry.content && Uint8Array.from(entry.content),
  }));
  expect(read).toEqual(snapshotOf(TREE));
});

test('secrets in clear are no secrets to a reader, but still the same content', async () => {
  const folder = await temporaryFolder();
  writeNode(folder, TREE, true);
  expect(await readFile(join(folder, 'tree/secret'), 'utf8')).toBe('hush');
  expect(diffSnapshots((await readNode(folder)) ?? [], snapshotOf(TREE))).toEqual([]);
});

test('a content that was changed or removed since is not believed', async () => {
  const folder = await temporaryFolder();
  writeNode(folder, TREE, false);
  await rm(join(folder, 'tree/deep/er/file'));
  await writeFile(join(folder, 'tree/secret'), 'forged\n');
  const read = (await readNode(folder)) ?? [];
  expect(read.map(({ path, content, secret }) => [path, content !== null, secret])).toEqual([
    ['closed', false, false],
    ['closed/inside', true, false],
    ['deep/er/file', false, false],
    ['deep/link', false, false],
    ['secret', false, false],
  ]);
});

test('files with the same content, mode and owner are one file on the disk; others are not', async () => {
  const folder = await temporaryFolder();
  const written = new WrittenFiles();
  const other = [
    file('deep/er/file', 'text\n', { mode: 0o755, uid: 64045 }),
    file('own', 'text\n'),
    file('secret', 'in\n'),
  ];
  writeNode(join(folder, 'a'), TREE, false, written);
  writeNode(join(folder, 'b'), other, false, written);
  const inode = async (path: string): Promise<number> => (await lstat(join(folder, path))).ino;
  expect(await inode('a/tree/deep/er/file')).toBe(await inode('b/tree/deep/er/file'));
  expect(await inode('b/tree/own')).not.toBe(await inode('b/tree/deep/er/file'));
  expect(await inode('b/tree/secret')).not.toBe(await inode('a/tree/closed/inside')); // another mode
  expect(diffSnapshots((await readNode(join(folder, 'b'))) ?? [], snapshotOf(other))).toEqual([]);
});

test('no folder, no inventory, a damaged inventory', async () => {
  const folder = await temporaryFolder();
  expect(await readNode(join(folder, 'none'))).toBeNull();
  await mkdir(join(folder, 'empty'));
  expect(await readNode(join(folder, 'empty'))).toBeNull();
  await writeFile(join(folder, 'empty/inventory.txt'), 'not an inventory\n');
  expect(await readNode(join(folder, 'empty'))).toBeNull();
});
