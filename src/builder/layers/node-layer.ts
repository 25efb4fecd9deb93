/**
 * Packs the overlay tree of one node: as a tar, and as the squashfs that live-boot stacks on the base layer. The same
 * tree gives the same bytes: entries are sorted, all have the same time, and owners are numbers.
 */
import { pack as openPack, type Header } from 'tar-stream';
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

/** The end of a tar: two blocks of zeros (tar(5)). */
const END = Buffer.alloc(1024);

/**
 * The tree as an uncompressed tar. Parent directories that are no entries of the tree get the mode and owner of the base layer,
 * because the top layer's directory wins in an overlay file system: https://docs.kernel.org/filesystems/overlayfs.html
 * @param epoch time of every entry, seconds since 1970
 */
export async function packTar(tree: FileTree, directories: Directories, epoch: number): Promise<Buffer> {
  const mtime = new Date(epoch * 1000);
  const known = new Set<string>();
  const records: Promise<Buffer>[] = [];
  const addDirectory = (path: string): void => {
    const owner = directories.get(path) ?? NEW_DIRECTORY;
    const make = () => recordsOf({ ...header(path, owner, mtime), type: 'directory' });
    records.push(shared(owner, `${String(epoch)} ${path}`, make));
  };
  for (const entry of tree) {
    for (const path of [...parents(entry.path), entry.path]) {
      if (known.has(path)) continue;
      known.add(path);
      if (path === entry.path) records.push(shared(entry, String(epoch), () => recordsOfEntry(entry, mtime)));
      else addDirectory(path);
    }
  }
  return Buffer.concat([...(await Promise.all(records)), END]);
}

/**
 * The records of what nodes share: most entries of their trees, and directories of the base layer. Those that were asked for only
 * once are not kept, as they may be one node's own.
 */
const kept = new WeakMap<object, Map<string, Promise<Buffer> | null>>();

function shared(owner: object, key: string, make: () => Promise<Buffer>): Promise<Buffer> {
  const known = kept.get(owner) ?? new Map<string, Promise<Buffer> | null>();
  kept.set(owner, known);
  const standing = known.get(key);
  if (standing) return standing;
  const made = make();
  known.set(key, standing === undefined ? null : made);
  return made;
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function recordsOfEntry(entry: TreeEntry, mtime: Date): Promise<Buffer> {
  const common = header(entry.path, entry, mtime);
  switch (entry.type) {
    case 'file':
      return recordsOf({ ...common, type: 'file' }, Buffer.from(entry.content));
    case 'symlink':
      return recordsOf({ ...common, type: 'symlink', linkname: entry.target });
    case 'directory':
      return recordsOf({ ...common, type: 'directory' });
  }
}

/** Without names of owners: mksquashfs would look up their ids on the build machine and use those. */
function header(name: string, { mode, uid, gid }: Ownership, mtime: Date): EntryHeader {
  const large = Math.max(uid, gid) > LARGEST_USTAR_ID;
  return { name, mode, uid, gid, mtime, ...(large ? { pax: { uid: String(uid), gid: String(gid) } } : {}) };
}

/** Header, content and padding of one entry. */
async function recordsOf(headers: EntryHeader, content?: Buffer): Promise<Buffer> {
  const pack = openPack();
  if (content === undefined) pack.entry(headers);
  else pack.entry(headers, content);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).subarray(0, -END.length);
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
  const tar = await packTar(tree, directories, options.epoch);
  await squash(tar, {
    ...options,
    output,
    compressionLevel: NODE_LAYER_LEVEL,
    processors: 1,
    reason: 'pack the node layer',
  });
}
