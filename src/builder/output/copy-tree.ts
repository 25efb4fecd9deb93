/** Copies folders as they are: contents, modes, symbolic links, and hard links among the files that one copier has copied. */
import type { Stats } from 'node:fs';
import { chmod, copyFile, link, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cloneFile } from '../system/clone-file.ts';

export class TreeCopier {
  /** A copy of each file with several links, by device and inode. */
  readonly #linked = new Map<string, Promise<string>>();

  /** @param to must not exist; its parent is made */
  async copy(from: string, to: string): Promise<void> {
    await mkdir(dirname(to), { recursive: true });
    await this.#copyEntry(from, to);
  }

  async #copyEntry(from: string, to: string): Promise<void> {
    const found = await lstat(from);
    if (found.isSymbolicLink()) return symlink(await readlink(from), to);
    if (!found.isDirectory()) return this.#copyFile(from, to, found);
    await mkdir(to);
    for (const name of await readdir(from)) await this.#copyEntry(join(from, name), join(to, name));
    await chmod(to, found.mode); // last, because a folder's mode may forbid writing into it
  }

  async #copyFile(from: string, to: string, found: Stats): Promise<void> {
    const inode = found.nlink > 1 ? `${String(found.dev)}:${String(found.ino)}` : null;
    const standing = inode === null ? undefined : this.#linked.get(inode);
    if (standing !== undefined && (await isLinked(await standing, to))) return;
    const copying = copyContent(from, to, found).then(() => to);
    if (inode !== null) this.#linked.set(inode, copying);
    await copying;
  }
}

/** Bytes from which a file is an image, and worth a process that keeps its holes. */
const LARGE = 1 << 20;

async function copyContent(from: string, to: string, { size, mode }: Stats): Promise<void> {
  if (size < LARGE) return copyFile(from, to); // with its mode
  await cloneFile(from, to);
  await chmod(to, mode);
}

/** Not on a file system without hard links, and not when the file has as many links as the file system allows. */
async function isLinked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    () => false,
  );
}
