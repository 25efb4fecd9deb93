import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { borrowArchives, returnArchives } from '../../src/builder/layers/archives.ts';
import { temporaryFolder } from './temporary.ts';

it('lends packages to each build in a folder of its own, and takes back the new ones', async () => {
  const [cache, staging] = [await temporaryFolder(), await temporaryFolder()];
  const [shared, own, other] = [join(cache, 'archives'), join(staging, 'own'), join(staging, 'other')];
  await borrowArchives(shared, own);
  await writeFile(join(own, 'a_1.deb'), 'a');
  await writeFile(join(own, 'lock'), '');
  await returnArchives(own, shared);
  expect(await readdir(shared)).toEqual(['a_1.deb']);

  await Promise.all([own, other].map((folder) => borrowArchives(shared, folder)));
  await rm(join(own, 'a_1.deb')); // as tar(1) does before it extracts a file of the same name
  await writeFile(join(own, 'a_1.deb'), 'half');
  await writeFile(join(own, 'b_1.deb'), 'b');
  expect(await readFile(join(other, 'a_1.deb'), 'utf8')).toBe('a');
  await Promise.all([own, other].map((folder) => returnArchives(folder, shared)));
  expect((await readdir(shared)).sort()).toEqual(['a_1.deb', 'b_1.deb']);
  expect(await readFile(join(shared, 'a_1.deb'), 'utf8')).toBe('a');
  expect(await readdir(staging)).toEqual([]);
});
