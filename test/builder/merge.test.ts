import { chmod, link, mkdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeManifests, readPart, writeMerged } from '../../src/builder/output/merge.ts';
import type { Manifest, NodeRecord } from '../../src/builder/output/output-manifest.ts';
import { publishKubeconfig } from '../../src/builder/output/operator-kubeconfig.ts';
import { openStaging, publish } from '../../src/builder/output/publish.ts';
import { sha256 } from '../../src/builder/system/digest.ts';
import { photograph } from '../cli/world.ts';
import { temporaryFolder } from './temporary.ts';

const PLAN = `${JSON.stringify({ nodes: [{ node: 'a' }, { node: 'b' }, { node: 'c' }] }, null, 2)}\n`;
const { signal } = new AbortController();

const record = (node: string, id = node): NodeRecord => ({
  ...{
    id,
    bootRole: 'worker',
    inventory: sha256(`inventory of ${node}`),
    base: `base-of-${node}`,
    artifactLayer: null,
  },
  artifacts: [
    { path: `${node}.iso`, format: 'iso', size: 5, sha256: sha256(`iso ${node}`) },
    { path: `${node}.pxe/vmlinuz`, format: 'pxe', size: 6, sha256: sha256('kernel') },
  ],
});

function manifestOf(nodes: readonly string[], of: Partial<Manifest> = {}): Manifest {
  const bases = Object.fromEntries(nodes.map((node) => [`base-of-${node}`, sha256('base')]));
  const records = Object.fromEntries(nodes.map((node) => [node, record(node)]));
  return { schema: 2, cluster: 'lab', epoch: 7, bases, artifactLayers: {}, nodes: records, ...of };
}

/** What a build of these nodes leaves. */
async function built(nodes: readonly string[], of: Partial<Manifest> = {}, kubeconfig = 'access', plan = PLAN) {
  const folder = await temporaryFolder();
  const staging = await openStaging(folder);
  for (const node of nodes) {
    await mkdir(join(staging, node, 'tree/etc/empty'), { recursive: true });
    await writeFile(join(staging, node, 'inventory.txt'), `inventory of ${node}`);
    await writeFile(join(staging, node, 'tree/etc/key'), 'sha256:…', { mode: 0o600 });
    await symlink('../nowhere', join(staging, node, 'tree/etc/link'));
    await chmod(join(staging, node, 'tree/etc/empty'), 0o750);
    await writeFile(join(staging, `${node}.iso`), `iso ${node}`);
    await mkdir(join(staging, `${node}.pxe`));
    await writeFile(join(staging, `${node}.pxe/vmlinuz`), 'kernel');
    const shared = join(staging, nodes[0] ?? '', 'tree/etc/shared');
    await (node === nodes[0] ? writeFile(shared, 'shared') : link(shared, join(staging, node, 'tree/etc/shared')));
  }
  await publishKubeconfig(folder, staging, kubeconfig === '' ? null : Buffer.from(kubeconfig));
  const paths = nodes.flatMap((node) => [node, `${node}.iso`, `${node}.pxe/vmlinuz`]);
  await publish({ folder, staging, paths, manifest: manifestOf(nodes, of), planJson: plan });
  await rm(staging, { recursive: true });
  return folder;
}

async function merged(folders: readonly string[], target: string): Promise<readonly string[]> {
  const [first, ...others] = await Promise.all(folders.map(readPart));
  const parts = [first!, ...others] as const;
  return writeMerged(parts, mergeManifests(parts), target, signal);
}

/** Types, modes and contents of all files but the lock, without times. */
async function bytes(folder: string): Promise<string[]> {
  return (await photograph(folder))
    .filter((line) => !line.startsWith('.lock '))
    .map((line) => line.replace(/ \d+\.?\d* (?=\S+$)/, ' '));
}

describe('merge', () => {
  it('gives what one build would have left, whatever the order of the parts', async () => {
    const [whole, target] = [await built(['a', 'b', 'c']), await temporaryFolder()];
    const parts = [await built(['b', 'c']), await built([]), await built(['a'])];
    expect(await merged(parts, target)).toEqual(['a', 'b', 'c']);
    expect(await bytes(target)).toEqual(await bytes(whole));
    expect((await stat(join(target, 'b/tree/etc/shared'))).nlink).toBe(2);
  });

  it('copies only what is not there yet, and removes nodes that are gone', async () => {
    const target = await built(['a', 'b', 'x']);
    await writeFile(join(target, 'b.iso'), 'shorter');
    expect(await merged([await built(['a', 'b']), await built(['c'])], target)).toEqual(['b', 'c']);
    expect(await bytes(target)).toEqual(await bytes(await built(['a', 'b', 'c'])));
    expect(await merged([await built(['a', 'b']), await built(['c'])], target)).toEqual([]);
  });

  it('takes parts whose kubeconfig and times got lost on the way', async () => {
    const [one, two, target] = [await built(['a', 'b'], {}, ''), await built(['c']), await temporaryFolder()];
    await utimes(join(one, 'manifest.json'), 1, 1);
    await merged([one, two], target);
    expect(await bytes(target)).toEqual(await bytes(await built(['a', 'b', 'c'])));
    expect((await stat(join(target, 'kubeconfig'))).mode & 0o777).toBe(0o600);
  });

  const hint = /^build all shards of the same commit/;
  it.each([
    ['a shard that is missing', () => built(['a']), 'No folder has the images of `b`, `c`.', /all shards/],
    ['another cluster', () => built(['b', 'c'], { cluster: 'other' }), /has another cluster than/, hint],
    ['another time', () => built(['b', 'c'], { epoch: 8 }), /has another SOURCE_DATE_EPOCH than/, hint],
    ['another plan', () => built(['b', 'c'], {}, 'access', '{"nodes":[]}\n'), /has another plan than/, hint],
    ['other keys', () => built(['b', 'c'], {}, 'others'), /has other keys than/, hint],
    [
      'another base layer',
      () => built(['b', 'c'], { bases: { 'base-of-a': 'x' } }),
      /has another base layer than/,
      hint,
    ],
    [
      'an image of another build',
      () => built(['a', 'b'], { nodes: { a: record('a', 'old') } }),
      /has another image of `a` than/,
      hint,
    ],
  ])('refuses %s: exit 2, nothing written', async (_, second, message, hinted) => {
    const target = await temporaryFolder();
    await expect(merged([await built(['a']), await second()], target)).rejects.toMatchObject({
      ...{
        exitCode: 2,
        message: expect.stringMatching(message) as unknown,
        hint: expect.stringMatching(hinted) as unknown,
      },
    });
    expect(await bytes(target)).toEqual([]);
  });

  it.each(['a.iso', 'a/inventory.txt'])(
    'refuses a part that lost %s on the way: exit 7, nothing written',
    async (path) => {
      const [part, target] = [await built(['a', 'b', 'c']), await temporaryFolder()];
      for (const damage of [() => writeFile(join(part, path), ''), () => rm(join(part, path))]) {
        await damage();
        await expect(merged([part], target)).rejects.toMatchObject({ exitCode: 7 });
      }
      expect(await bytes(target)).toEqual([]);
    },
  );

  it('writes into no part, whatever path leads there', async () => {
    const [part, other] = [await built(['a', 'b']), await built(['c'])];
    const path = join(await temporaryFolder(), 'link');
    await symlink(part, path);
    const before = await photograph(part);
    await expect(merged([part, other], path)).rejects.toMatchObject({
      exitCode: 2,
      hint: expect.stringContaining('--out') as string,
    });
    expect(await photograph(part)).toEqual(before);
  });

  it('says that a folder without a build is none', async () => {
    await expect(readPart(await temporaryFolder())).rejects.toMatchObject({ exitCode: 7 });
  });
});
