/**
 * Writes trees to disk and reads them back. It writes contents, modes and symlinks. Only the inventory names the owners,
 * because only root could set them.
 */
import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Snapshot, SnapshotEntry } from '../../render/tree/diff.ts';
import { digestOf, inventory, parseInventory, type InventoryLine } from '../../render/tree/inventory.ts';
import { isSecretLine, redactTree, withStandIns } from '../../render/tree/redact.ts';
import type { DraftTree, FileEntry, FileTree } from '../../render/tree/tree.ts';

const TREE_FOLDER = 'tree';
export const INVENTORY_FILE = 'inventory.txt';

/**
 * Files that were written to one output folder. A further file with the same content, mode and owner becomes a hard link, as most
 * files of a cluster are the same on many nodes. Symlinks do not: GNU tar extracts hard links to symlinks in quadratic time.
 */
export class WrittenFiles {
  readonly #paths = new Map<string, string>();

  write(path: string, { content, mode, uid, gid }: FileEntry): void {
    const key = [digestOf(content), mode, uid, gid].join(' ');
    const standing = this.#paths.get(key);
    if (standing !== undefined && isLinked(standing, path)) return;
    writeFileSync(path, content, { mode: 0o600 });
    chmodSync(path, mode);
    this.#paths.set(key, path);
  }
}

/** Not on a file system without hard links, and not when the file has as many links as the file system allows. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/**
 * Fills a node's folder with `tree/` and `inventory.txt`. The folder must not hold them yet; callers stage and rename. Synchronous,
 * because each call takes only microseconds; promises would take longer than the calls.
 * @param withSecrets writes the content of secret files, readable by their owner only, instead of their digests
 * @param written the files of the nodes that were written to the same output folder before
 */
export function writeNode(folder: string, tree: DraftTree, withSecrets: boolean, written = new WrittenFiles()): void {
  const root = join(folder, TREE_FOLDER);
  mkdirSync(root, { recursive: true });
  writeTree(root, withSecrets ? withStandIns(tree) : redactTree(tree), written);
  writeFileSync(join(folder, INVENTORY_FILE), inventory(tree));
}

function writeTree(root: string, tree: FileTree, written: WrittenFiles): void {
  const folders = new Set([root]);
  const makeFolder = (path: string): void => {
    if (folders.has(path)) return;
    makeFolder(dirname(path));
    mkdirSync(path);
    folders.add(path);
  };
  for (const entry of tree) {
    const path = join(root, entry.path);
    makeFolder(entry.type === 'directory' ? path : dirname(path));
    if (entry.type === 'symlink') symlinkSync(entry.target, path);
    else if (entry.type === 'file') written.write(path, entry);
  }
  // Modes of folders come last, the deepest first, because a folder's mode may forbid writing into it.
  for (const entry of tree.toReversed()) {
    if (entry.type === 'directory') chmodSync(join(root, entry.path), entry.mode);
  }
}

/** Reads a folder of {@link writeNode}, its files only when asked for; null when it has no readable inventory. */
export async function readNode(folder: string): Promise<Snapshot | null> {
  const text = await readFile(join(folder, INVENTORY_FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return parseInventory(text).map((line) => entryOf(join(folder, TREE_FOLDER), line));
  } catch {
    return null; // the inventory is damaged
  }
}

type Content = Pick<SnapshotEntry, 'secret' | 'content'>;

/** A comparison reads only files whose digests differ: few of the hundred thousands of a large cluster. */
function entryOf(root: string, line: InventoryLine): SnapshotEntry {
  if (line.type !== 'file') return { ...line, secret: false, content: null };
  let read: Content | undefined;
  const found = (): Content => (read ??= readContent(root, line));
  return {
    ...line,
    get secret() {
      return found().secret;
    },
    get content() {
      return found().content;
    },
  };
}

/** The content is null when it is a secret's placeholder, or when it does not match the inventory. */
function readContent(root: string, { path, digest }: InventoryLine): Content {
  const content = readIfThere(join(root, path));
  if (content === null) return { secret: false, content: null };
  if (isSecretLine(content, digest)) return { secret: true, content: null };
  return { secret: false, content: digestOf(content) === digest ? content : null };
}

function readIfThere(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
