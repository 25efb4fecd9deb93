/** Copies folders as they are: contents, modes, symbolic links, and hard links among the files that one copier has copied. */
import { constants } from 'node:fs';
import { chmod, copyFile, link, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
    if (!found.isDirectory())
      return this.#copyFile(from, to, found.nlink > 1 ? `${String(found.dev)}:${String(found.ino)}` : null);
    await mkdir(to);
    for (const name of await readdir(from)) await this.#copyEntry(join(from, name), join(to, name));
    await chmod(to, found.mode); // last, because a folder's mode may forbid writing into it
  }

  async #copyFile(from: string, to: string, inode: string | null): Promise<void> {
    const standing = inode === null ? undefined : this.#linked.get(inode);
    if (standing !== undefined && (await isLinked(await standing, to))) return;
    const copying = copyFile(from, to, constants.COPYFILE_FICLONE).then(() => to); // with its mode
    if (inode !== null) this.#linked.set(inode, copying);
    await copying;
  }
}

/** Not on a file system without hard links, and not when the file has as many links as the file system allows. */
async function isLinked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    () => false,
  );
}
