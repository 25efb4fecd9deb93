/** Makes the quick-start example twice from nothing, in folders, at times and with umasks of their own: the same bytes. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../builder/temporary.ts';
import { EXAMPLES, requestBuild, runSilently } from '../image/definition.ts';

it('gives the same images from two empty caches', async () => {
  const sums: string[] = [];
  for (const umask of [0o022, 0o077]) {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'cache'), { mode: 0o755 });
    const before = process.umask(umask);
    try {
      const places = { outDir: join(folder, 'out'), cacheDir: join(folder, 'cache') };
      await runSilently(await requestBuild(join(EXAMPLES, 'quick-start'), places));
    } finally {
      process.umask(before);
    }
    sums.push(await readFile(join(folder, 'out/manifest.json'), 'utf8'));
  }
  expect(sums[1]).toBe(sums[0]);
});
