import { join } from 'node:path';
import { statfs } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { NODE_LAYER_CLASSES } from '../../src/builder/images/iso-template.ts';
import { requireRoom, requireTools } from '../../src/builder/system/toolchain.ts';
import { temporaryFolder } from './temporary.ts';

describe('requireTools', () => {
  it('is content with what is there', async () => {
    await requireTools([{ command: 'sh', package: 'dash', reason: 'run' }]);
  });

  it('names all that is missing, and the packages to install', async () => {
    const missing = requireTools([
      { command: 'no-such-tool', package: 'one', reason: 'pack layers' },
      { command: 'sh', package: 'dash', reason: 'run' },
      { command: 'nor-this', package: 'two', reason: 'open ISOs' },
    ]);
    await expect(missing).rejects.toMatchObject({
      message:
        'Could not find `no-such-tool`, which is needed to pack layers; `nor-this`, which is needed to open ISOs.',
      hint: 'on Debian and Ubuntu: apt-get install one two',
      exitCode: 4,
    });
  });
});

describe('requireRoom', () => {
  it('says how much is needed, where, and how much there is', async () => {
    const folder = await temporaryFolder();
    const { bavail, bsize } = await statfs(folder);
    await requireRoom(folder, bavail * bsize - 2 ** 30, 'A small image');
    const refused = requireRoom(folder, 2 ** 50, 'A huge image');
    await expect(refused).rejects.toThrow(/^A huge image needs 1073741824 MiB in `\/.*`, but only \d+ MiB are free\.$/);
    await expect(requireRoom(folder, 2 ** 50, 'A huge image')).rejects.toMatchObject({ exitCode: 4 });
  });

  it('fails for a folder that is not there', async () => {
    await expect(requireRoom(join(await temporaryFolder(), 'none'), 1, 'It')).rejects.toThrow('ENOENT');
  });
});

it('has growing, positive size classes for node layers', () => {
  expect(NODE_LAYER_CLASSES[0]).toBe(4_194_304);
  expect(NODE_LAYER_CLASSES.at(-1)).toBe(4_294_967_296);
  expect(NODE_LAYER_CLASSES.toSorted((a, b) => a - b)).toEqual(NODE_LAYER_CLASSES);
});
