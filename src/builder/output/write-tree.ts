/**
 * Writes trees and reads them back: the only place where a tree becomes files. What is written are contents, modes and
 * symlinks; owners stand in the inventory alone, as only root could set them.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Snapshot, SnapshotEntry } from '../../render/diff.ts';
import { digestOf, inventory, parseInventory, type InventoryLine } from '../../render/inventory.ts';
import { isSecretLine, redactTree, withStandIns } from '../../render/redact.ts';
import type { DraftTree, FileTree } from '../../render/tree.ts';

const TREE_FOLDER = 'tree';
export const INVENTORY_FILE = 'inventory.txt';

/**
 * Fills a node's folder with `tree/` and `inventory.txt`. The folder must not hold them yet; callers stage and rename.
 * @param withSecrets writes secret files as they are, readable to their owner alone, instead of their digests
 */
export async function writeNode(folder: string, tree: DraftTree, withSecrets: boolean): Promise<void> {
  const root = join(folder, TREE_FOLDER);
  await mkdir(root, { recursive: true });
  writeTree(root, withSecrets ? withStandIns(tree) : redactTree(tree));
  await writeFile(join(folder, INVENTORY_FILE), inventory(tree));
}

/** Without promises: each call takes microseconds, and the way through another thread would be most of the time. */
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
  // Last and the deepest first, as a folder may be closed to its own writer.
  for (const entry of tree.toReversed()) {
    if (entry.type === 'directory') chmodSync(join(root, entry.path), entry.mode);
  }
}

/** What {@link writeNode} left in a folder; null where there is no inventory that can be read. */
export async function readNode(folder: string): Promise<Snapshot | null> {
  const text = await readFile(join(folder, INVENTORY_FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return await Promise.all(parseInventory(text).map((line) => readEntry(join(folder, TREE_FOLDER), line)));
  } catch {
    return null; // a damaged inventory says nothing about what is there
  }
}

/** A content that is neither what the inventory says nor a secret's stand-in is not believed. */
async function readEntry(root: string, line: InventoryLine): Promise<SnapshotEntry> {
  if (line.type !== 'file') return { ...line, secret: false, content: null };
  const content = await readFile(join(root, line.path)).catch(() => null);
  if (content === null) return { ...line, secret: false, content: null };
  if (isSecretLine(content, line.digest)) return { ...line, secret: true, content: null };
  return { ...line, secret: false, content: digestOf(content) === line.digest ? content : null };
}
