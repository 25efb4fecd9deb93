/**
 * Packs the overlay tree of one node: as a tar, and as the squashfs that live-boot stacks on the base layer. The same
 * tree gives the same bytes: entries are sorted, all have the same time, and owners are numbers.
 */
import { PassThrough, type Readable } from 'node:stream';
import { pack as openPack, type Header, type Pack } from 'tar-stream';
import type { FileTree, TreeEntry } from '../../render/tree/tree.ts';
import type { Starter } from '../system/starter.ts';
import { squash } from './mksquashfs.ts';

interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

/** Mode and owner of the base layer's directories, by path relative to the root. */
export type Directories = ReadonlyMap<string, Ownership>;

const NEW_DIRECTORY: Ownership = { mode: 0o755, uid: 0, gid: 0 };
/** The largest id that fits into a ustar header; larger ones need PAX records. */
const LARGEST_USTAR_ID = 0o777777;

/** Reads `directories.tsv` of a base layer: octal mode, uid, gid and path, separated by tabs. */
export function parseDirectories(table: string): Directories {
  const rows = table.split('\n').filter((line) => line !== '');
  return new Map(
    rows.map((line) => {
      const [mode = '', uid, gid, path = ''] = line.split('\t');
      return [path, { mode: parseInt(mode, 8), uid: Number(uid), gid: Number(gid) }];
    }),
  );
}

/**
 * The tree as an uncompressed tar. Parent directories that are no entries of the tree get the mode and owner of the base layer,
 * because the top layer's directory wins in an overlay file system: https://docs.kernel.org/filesystems/overlayfs.html
 * @param epoch time of every entry, seconds since 1970
 */
export function packTar(tree: FileTree, directories: Directories, epoch: number): Readable {
  const pack = openPack();
  const output = new PassThrough();
  pack.on('error', (error) => output.destroy(error));
  pack.pipe(output as never); // streamx pipes into Node's streams as well
  void writeEntries(pack, tree, directories, new Date(epoch * 1000)).catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return output;
}

async function writeEntries(pack: Pack, tree: FileTree, directories: Directories, mtime: Date): Promise<void> {
  const known = new Set<string>();
  for (const entry of tree) {
    for (const parent of parents(entry.path).filter((path) => !known.has(path))) {
      known.add(parent);
      await add(pack, { ...header(parent, directories.get(parent) ?? NEW_DIRECTORY, mtime), type: 'directory' });
    }
    known.add(entry.path);
    await addEntry(pack, entry, mtime);
  }
  pack.finalize();
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function addEntry(pack: Pack, entry: TreeEntry, mtime: Date): Promise<void> {
  const common = header(entry.path, entry, mtime);
  switch (entry.type) {
    case 'file':
      return add(pack, { ...common, type: 'file', size: entry.content.length }, Buffer.from(entry.content));
    case 'symlink':
      return add(pack, { ...common, type: 'symlink', linkname: entry.target });
    case 'directory':
      return add(pack, { ...common, type: 'directory' });
  }
}

/** Without names of owners: mksquashfs would look up their ids on the build machine and use those. */
function header(name: string, { mode, uid, gid }: Ownership, mtime: Date): EntryHeader {
  const large = Math.max(uid, gid) > LARGEST_USTAR_ID;
  return { name, mode, uid, gid, mtime, ...(large ? { pax: { uid: String(uid), gid: String(gid) } } : {}) };
}

function add(pack: Pack, headers: EntryHeader, content?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error) reject(error);
      else resolve();
    };
    const entry = content === undefined ? pack.entry(headers, done) : pack.entry(headers, content, done);
    entry.on('error', reject);
  });
}

/** Of zstd. A node of 420 KB takes mksquashfs 8 ms with this level, 15 ms with level 9, and is 8 KiB smaller with 9. */
export const NODE_LAYER_LEVEL = 3;

/** Writes the tree as squashfs to `output`. */
export async function packSquashfs(
  tree: FileTree,
  directories: Directories,
  output: string,
  options: { readonly epoch: number; readonly signal: AbortSignal | undefined; readonly starter?: Starter },
): Promise<void> {
  const tar = packTar(tree, directories, options.epoch);
  await squash(tar, {
    ...options,
    output,
    compressionLevel: NODE_LAYER_LEVEL,
    processors: 1,
    reason: 'pack the node layer',
  });
}
