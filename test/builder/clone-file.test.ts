import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canReflink } from '../../src/builder/system/clone-file.ts';
import { temporaryFolder } from './temporary.ts';

it('finds out whether copies are reflinks, and leaves nothing behind', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()];
  await writeFile(join(from, 'template'), 'iso');
  expect(await canReflink(join(from, 'none'), to)).toBe(false);
  expect(await canReflink('/proc/version', to)).toBe(false); // another file system
  await canReflink(join(from, 'template'), to);
  expect(await readdir(to)).toEqual([]);
});
