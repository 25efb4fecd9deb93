/**
 * Writes trees to disk and reads them back. It writes contents, modes and symlinks. Only the inventory names the owners,
 * because only root could set them.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Snapshot, SnapshotEntry } from '../../render/tree/diff.ts';
import { digestOf, inventory, parseInventory, type InventoryLine } from '../../render/tree/inventory.ts';
import { isSecretLine, redactTree, withStandIns } from '../../render/tree/redact.ts';
import type { DraftTree, FileTree } from '../../render/tree/tree.ts';

const TREE_FOLDER = 'tree';
export const INVENTORY_FILE = 'inventory.txt';

/**
 * Fills a node's folder with `tree/` and `inventory.txt`. The folder must not hold them yet; callers stage and rename.
 * @param withSecrets writes the content of secret files, readable by their owner only, instead of their digests
 */
export async function writeNode(folder: string, tree: DraftTree, withSecrets: boolean): Promise<void> {
  const root = join(folder, TREE_FOLDER);
  await mkdir(root, { recursive: true });
  writeTree(root, withSecrets ? withStandIns(tree) : redactTree(tree));
  await writeFile(join(folder, INVENTORY_FILE), inventory(tree));
}

/** Synchronous, because each call takes only microseconds; promises would take longer than the calls. */
function writeTree(root: string, tree: FileTree): void {
  const made = new Set<string>();
  for (const entry of tree) {
    const path = join(root, entry.path);
    const parent = dirname(path);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    if (entry.type === 'directory') mkdirSync(path, { recursive: true });
    else if (entry.type === 'symlink') symlinkSync(entry.target, path);
    else writeFileSync(path, entry.content, { mode: 0o600 });
    if (entry.type === 'file') chmodSync(path, entry.mode);
  }
  // Modes of folders come last, the deepest first, because a folder's mode may forbid writing into it.
  for (const entry of tree.toReversed()) {
    if (entry.type === 'directory') chmodSync(join(root, entry.path), entry.mode);
  }
}

/** Reads a folder of {@link writeNode}; null when it has no readable inventory. */
export async function readNode(folder: string): Promise<Snapshot | null> {
  const text = await readFile(join(folder, INVENTORY_FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return await Promise.all(parseInventory(text).map((line) => readEntry(join(folder, TREE_FOLDER), line)));
  } catch {
    return null; // the inventory is damaged
  }
}

/** The content is null when it is a secret's placeholder, or when it does not match the inventory. */
async function readEntry(root: string, line: InventoryLine): Promise<SnapshotEntry> {
  if (line.type !== 'file') return { ...line, secret: false, content: null };
  const content = await readFile(join(root, line.path)).catch(() => null);
  if (content === null) return { ...line, secret: false, content: null };
  if (isSecretLine(content, line.digest)) return { ...line, secret: true, content: null };
  return { ...line, secret: false, content: digestOf(content) === line.digest ? content : null };
}
