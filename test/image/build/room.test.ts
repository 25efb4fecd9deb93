/** A file system with too little room for the images is refused before the first one is made. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyExample, requestBuild, runSilently } from './definition.ts';

let folder = '';
const small = (): string => join(folder, 'small');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldstart-room-'));
  await mkdir(small());
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64M', 'none', small()]);
});

afterAll(async () => {
  execFileSync('umount', [small()]);
  await rm(folder, { recursive: true });
});

it.each([['iso'], ['qcow2'], ['pxe']])('%s images that do not fit', async (format) => {
  const formats = [['cluster', 'image', 'formats'], [format]] as const;
  const definition = await copyExample('quick-start', join(folder, format), [formats]);
  const request = await requestBuild(definition, { outDir: join(small(), 'out') });
  await expect(runSilently(request)).rejects.toThrow(
    /^Making 3 images needs \d{4} MiB in `.*`, but only 6\d MiB are free\.$/,
  );
  expect(await readdir(join(small(), 'out'))).toEqual(['.lock']);
});
