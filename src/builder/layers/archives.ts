/**
 * Downloaded packages, which the cache keeps for further base layers. Builds on several machines share them, and mmdebstrap
 * reads and writes the folder while it works. So each build gets a folder of its own with hard links, and new packages are
 * renamed into the shared folder.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const isPackage = (name: string): boolean => name.endsWith('.deb');

/** Fills the folder `own`, which must be on the same file system, with all shared packages. */
export async function borrowArchives(shared: string, own: string): Promise<void> {
  await Promise.all([shared, own].map((folder) => mkdir(folder, { recursive: true })));
  for (const name of (await readdir(shared)).filter(isPackage)) {
    const [from, to] = [join(shared, name), join(own, name)];
    // Some network file systems have no hard links.
    await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
  }
}

/** Moves new packages to the shared folder and removes `own`. */
export async function returnArchives(own: string, shared: string): Promise<void> {
  const known = new Set(await readdir(shared));
  const fresh = (await readdir(own)).filter((name) => isPackage(name) && !known.has(name));
  for (const name of fresh) await rename(join(own, name), join(shared, name));
  await rm(own, { recursive: true });
}
