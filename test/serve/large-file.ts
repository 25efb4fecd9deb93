/** A file of which the server cannot give all to a client that reads nothing. */
import { stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stampOf } from '../../src/builder/images/composed-file.ts';
import { resourceOf } from '../../src/serve/parts.ts';
import type { Shelf } from '../../src/serve/resource.ts';
import { temporaryFolder } from '../builder/temporary.ts';

/** More than the sockets of a connection hold: the server waits for the client. */
export const SIZE = 96 << 20;

/** `node.iso` in two pieces of a file with holes. */
export async function largeFile(): Promise<{ path: string; find: Shelf['find'] }> {
  const path = join(await temporaryFolder(), 'large');
  await writeFile(path, '');
  await truncate(path, SIZE);
  const stamp = stampOf(await stat(path, { bigint: true }));
  const half = { path, length: SIZE / 2, stamp };
  const resource = resourceOf('node.iso', [{ ...half, offset: 0 }, { ...half, offset: SIZE / 2 }], 'ab'.repeat(32)); // prettier-ignore
  return { path, find: () => Promise.resolve(resource) };
}
