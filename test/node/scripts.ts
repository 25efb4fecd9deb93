/** The texts of all scripts of the node, for tests that read them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OVERLAY } from './machine.ts';

export async function nodeScripts(): Promise<readonly string[]> {
  const folders = ['bin', 'lib/coldstart'].map((name) => join(OVERLAY, 'usr/local', name));
  const found = folders.map(async (at) => (await readdir(at, { recursive: true })).map((name) => join(at, name)));
  const paths = (await Promise.all(found)).flat().filter((path) => path.endsWith('.sh'));
  return Promise.all(paths.map((path) => readFile(path, 'utf8')));
}
