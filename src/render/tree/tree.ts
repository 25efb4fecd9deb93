/**
 * The overlay tree of one node as a value: the renderer returns it, the packer packs it, the reviewer reads it and the
 * verifier compares it with an image. Sorted by path in byte order; paths are unique, relative, without `.` or `..`.
 * Parent directories are implied; a `directory` entry exists only when we set its owner or mode.
 */

/** The origin of an entry: exactly one source file, and the settings that shaped it. */
export interface Origin {
  readonly kind: 'template' | 'overlay' | 'user-overlay' | 'setting' | 'secrets-store';
  /** `templates/…`, `overlays/…`, the user's file, relative to its root, or the secrets store. */
  readonly source: string;
  /** Setting paths, e.g. `cluster.networking.dns`, `nodes[master-01].ip`; empty for verbatim files. */
  readonly settings: readonly string[];
  /** Names of its values from the secrets store, see `src/pki/holes.ts`; absent when it has none. */
  readonly holes?: readonly string[];
}

interface EntryBase {
  /** Relative to the node's root, e.g. `etc/hostname`. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly origin: Origin;
}
export interface FileEntry extends EntryBase {
  readonly type: 'file';
  readonly content: Uint8Array;
  /** Whether people and logs get only a digest of the content. */
  readonly secret: boolean;
}
interface SymlinkEntry extends EntryBase {
  readonly type: 'symlink';
  readonly target: string;
}
interface DirectoryEntry extends EntryBase {
  readonly type: 'directory';
}
export type TreeEntry = FileEntry | SymlinkEntry | DirectoryEntry;

export type FileTree = readonly TreeEntry[];

/** Why a value of the store is unknown: it has not been made yet, or it is encrypted and cannot be decrypted here. */
export type PendingReason = 'not-issued-yet' | 'cannot-be-opened-here';

/** A file that lacks values of the secrets store. */
export interface PendingEntry extends EntryBase {
  readonly type: 'pending';
  readonly secret: boolean;
  readonly reason: PendingReason;
  /** The file with placeholders for unknown values; null if the whole file would be one placeholder. */
  readonly draft: Uint8Array | null;
}

/** A tree for reviews; no image is made of it. */
export type DraftTree = readonly (TreeEntry | PendingEntry)[];

/** Byte order, never by locale. Paths are ASCII, so comparing code units gives byte order. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Why a path is illegal in a tree, or null. */
export function pathFault(path: string): string | null {
  if (path === '' || path.startsWith('/')) return 'is not relative';
  if (!/^[\u0020-\u007e]+$/.test(path)) return 'has characters other than printable ASCII';
  const bad = path.split('/').find((name) => name === '' || name === '.' || name === '..' || name.length > 255);
  return bad === undefined ? null : `has the part \`${bad}\``;
}

/** Every folder above a path, the nearest first: `a/b/c` gives `a/b`, `a`. */
export function parents(path: string): string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) found.push(path.slice(0, end));
  return found;
}

/**
 * Sorts entries into a tree.
 * @throws Error on an illegal path, a path that occurs twice, or an entry below one that is not a directory; the
 * planner reports those that users can cause before this is called
 */
export function makeTree<T extends DraftTree[number]>(entries: readonly T[]): readonly T[] {
  const tree = entries.toSorted(byPath);
  const solid = new Set(tree.filter((entry) => entry.type !== 'directory').map((entry) => entry.path));
  tree.forEach((entry, index) => {
    const fault = pathFault(entry.path);
    if (fault !== null) throw new Error(`path \`${entry.path}\` of a tree ${fault}`);
    if (tree[index + 1]?.path === entry.path) throw new Error(`path \`${entry.path}\` occurs twice in a tree`);
    const above = parents(entry.path).find((parent) => solid.has(parent));
    if (above !== undefined) throw new Error(`path \`${entry.path}\` is below \`${above}\`, which is no directory`);
  });
  return tree;
}

/**
 * A tree with some entries added or replaced. The cost depends only on the added ones: a thousand nodes share a tree of
 * a thousand files, and sorting it again for each node would be most of the work.
 * @param added sorted by path
 */
export function withEntries<T extends EntryBase>(tree: readonly T[], added: readonly T[]): readonly T[] {
  const merged = tree.slice();
  for (const entry of added.toReversed()) {
    const index = firstNotBefore(tree, entry.path);
    merged.splice(index, tree[index]?.path === entry.path ? 1 : 0, entry);
  }
  return merged;
}

// The position of a path in a sorted tree. Entries are added from the end, so earlier positions stay valid.
function firstNotBefore(tree: readonly EntryBase[], path: string): number {
  let [low, high] = [0, tree.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tree[middle]?.path ?? '') < path) low = middle + 1;
    else high = middle;
  }
  return low;
}
