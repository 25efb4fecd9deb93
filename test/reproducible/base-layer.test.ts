/**
 * Makes images and base layers twice without a cache, with different folders, times and umasks: the bytes are the same.
 * Also with Ceph, and with packages that generate identities and keys at installation.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildBaseLayer, type BaseRecipe } from '../../src/builder/layers/base-layer.ts';
import { sha256File } from '../../src/builder/system/digest.ts';
import { temporaryFolder } from '../builder/temporary.ts';
import { cephDefinition } from '../image/ceph/ceph-definition.ts';
import { EXAMPLES, requestBuild, runSilently } from '../image/build/definition.ts';
import { madeUp } from '../image/build/made-up.ts';
import { loadDefinition } from '../image/containers/rack.ts';
import { baseOf, unpackedBase } from '../image/containers/root.ts';

/** What `make` returns in each of two folders of its own with an empty cache, the second time under another umask. */
async function twice<T>(make: (folder: string, cacheDir: string) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (const umask of [0o022, 0o077]) {
    const folder = await temporaryFolder();
    const cacheDir = join(folder, 'cache');
    await mkdir(cacheDir, { mode: 0o755 });
    const before = process.umask(umask);
    try {
      made.push(await make(folder, cacheDir));
    } finally {
      process.umask(before);
    }
  }
  return made;
}

it('gives the same images from two empty caches', async () => {
  const [first, second] = await twice(async (folder, cacheDir) => {
    const outDir = join(folder, 'out');
    await runSilently(await requestBuild(join(EXAMPLES, 'quick-start'), { outDir, cacheDir }));
    return readFile(join(outDir, 'manifest.json'), 'utf8');
  });
  expect(second).toBe(first);
});

it("gives the same base layer of Ceph's nodes, in which no package's identity or key is left", async () => {
  const { cluster } = await loadDefinition(cephDefinition({ dashboard: true }));
  const base = baseOf(cluster);
  const packages = [...base.packages, 'mdadm', 'multipath-tools', 'nfs-common', 'open-iscsi', 'ssl-cert'].toSorted();
  const recipe: BaseRecipe = { ...base, packages };
  const [first, second] = await twice(async (_, cacheDir) => {
    const layer = await buildBaseLayer(recipe, { cacheDir, signal: undefined, report: () => undefined });
    return { sha256: await sha256File(layer.squashfs), madeUp: madeUp(unpackedBase(layer)) };
  });
  expect(first?.madeUp).toEqual([]);
  expect(second).toEqual(first);
});
