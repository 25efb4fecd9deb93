import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sha256 } from '../../src/builder/system/digest.ts';
import { packTar, parseDirectories } from '../../src/builder/layers/node-layer.ts';
import { run } from '../../src/builder/system/run.ts';
import { makeTree, type FileTree, type TreeEntry } from '../../src/render/tree/tree.ts';
import { temporaryFolder } from './temporary.ts';

const EPOCH = 1_754_697_600;
const origin = { kind: 'setting', source: 'test', settings: [] } as const;

function file(path: string, of: Partial<Extract<TreeEntry, { type: 'file' }>> = {}): TreeEntry {
  const content = Buffer.from('content\n');
  return { type: 'file', path, mode: 0o644, uid: 0, gid: 0, origin, secret: false, content, ...of };
}

const directories = parseDirectories('755\t0\t0\t\n700\t0\t0\troot\n750\t0\t102\tetc/polkit-1\n');

async function list(tree: FileTree): Promise<string[]> {
  const archive = join(await temporaryFolder(), 'layer.tar');
  await writeFile(archive, await packTar(tree, directories, EPOCH));
  const args = ['--list', '--verbose', '--numeric-owner', '--utc', '--file', archive];
  const listing = await run({ command: 'tar', args, reason: 'list the layer' });
  return listing
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' '));
}

it('gives implied folders the mode and owner that they have in the base layer, others 0755 root', async () => {
  expect(await list(makeTree([file('etc/polkit-1/rules'), file('new/sub/x'), file('root/.profile')]))).toEqual([
    'drwxr-xr-x 0/0 0 2025-08-09 00:00 etc',
    'drwxr-x--- 0/102 0 2025-08-09 00:00 etc/polkit-1',
    '-rw-r--r-- 0/0 8 2025-08-09 00:00 etc/polkit-1/rules',
    'drwxr-xr-x 0/0 0 2025-08-09 00:00 new',
    'drwxr-xr-x 0/0 0 2025-08-09 00:00 new/sub',
    '-rw-r--r-- 0/0 8 2025-08-09 00:00 new/sub/x',
    'drwx------ 0/0 0 2025-08-09 00:00 root',
    '-rw-r--r-- 0/0 8 2025-08-09 00:00 root/.profile',
  ]);
});

it('keeps special bits, symlinks, explicit folders, large ids and long names', async () => {
  const long = `srv/${'n'.repeat(200)}/${'m'.repeat(200)}`;
  const tree = makeTree([
    file('bin/tool', { mode: 0o4755 }),
    {
      type: 'symlink',
      path: 'etc/localtime',
      mode: 0o777,
      uid: 0,
      gid: 0,
      origin,
      target: '../usr/share/zoneinfo/UTC',
    },
    { type: 'directory', path: 'root', mode: 0o711, uid: 5, gid: 6, origin },
    file(long, { uid: 300_000, gid: 4_000_000 }),
  ]);
  expect(await list(tree)).toEqual([
    'drwxr-xr-x 0/0 0 2025-08-09 00:00 bin',
    '-rwsr-xr-x 0/0 8 2025-08-09 00:00 bin/tool',
    'drwxr-xr-x 0/0 0 2025-08-09 00:00 etc',
    'lrwxrwxrwx 0/0 0 2025-08-09 00:00 etc/localtime -> ../usr/share/zoneinfo/UTC',
    'drwx--x--x 5/6 0 2025-08-09 00:00 root',
    'drwxr-xr-x 0/0 0 2025-08-09 00:00 srv',
    `drwxr-xr-x 0/0 0 2025-08-09 00:00 srv/${'n'.repeat(200)}`,
    `-rw-r--r-- 300000/4000000 8 2025-08-09 00:00 ${long}`,
  ]);
});

it('packs the same bytes every time, also entries and folders that were packed before', async () => {
  const shared = [file('a'), file('b/c'), file('b/d', { content: Buffer.alloc(3 << 20, 'x') })];
  const digests = [];
  for (const own of ['one', 'one', 'one', 'two']) {
    digests.push(sha256(await packTar(makeTree([...shared, file(`b/e/${own}`)]), directories, EPOCH)));
  }
  expect(new Set(digests.slice(0, 3)).size).toBe(1);
  const [later, fresh] = [
    await packTar(makeTree([...shared, file('b/e/two')]), directories, EPOCH + 1),
    await packTar(makeTree([...shared, file('b/e/two')]), parseDirectories('700\t1\t1\tb\n'), EPOCH),
  ];
  expect(new Set([digests[3], sha256(later), sha256(fresh)]).size).toBe(3); // another time, other owners
});
