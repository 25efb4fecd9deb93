/**
 * Turns a tree into its inventory and back: one line per entry, sorted by path, so that modes, owners, additions and
 * removals show in a review, and secrets only as digests.
 *
 *     0644 0:0 file sha256:9f86… etc/hostname
 *     0777 0:0 symlink ../usr/share/zoneinfo/UTC etc/localtime
 *     0700 0:0 directory - etc/credstore
 */
import { createHash } from 'node:crypto';
import type { DraftTree, PendingEntry, TreeEntry } from './tree.ts';

export interface InventoryLine {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly type: TreeEntry['type'];
  /**
   * For a file, `sha256:<hex>` of its content; for a secret file with unknown values, the reason, then `/` and the
   * digest of the text around them. For a symlink, its target. For a directory, `-`.
   */
  readonly digest: string;
  readonly path: string;
}

type Entry = DraftTree[number];

// Entries and contents are shared between the trees of a cluster; each is hashed and formatted once.
const digests = new WeakMap<Uint8Array, string>();
const lines = new WeakMap<Entry, string>();

/** `sha256:<hex>`. */
export function digestOf(content: Uint8Array): string {
  const known = digests.get(content);
  if (known !== undefined) return known;
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  digests.set(content, digest);
  return digest;
}

/** The whole inventory, each line ended by a line feed. */
export function inventory(tree: DraftTree): string {
  return tree.map((entry) => `${entryLine(entry)}\n`).join('');
}

function entryLine(entry: Entry): string {
  const known = lines.get(entry);
  if (known !== undefined) return known;
  const line = formatLine(inventoryLine(entry));
  lines.set(entry, line);
  return line;
}

/** The inventory line of an entry, as a value. */
export function inventoryLine(entry: Entry): InventoryLine {
  const { path, mode, uid, gid } = entry;
  const common = { path, mode, uid, gid };
  switch (entry.type) {
    case 'file':
      return { ...common, type: entry.type, digest: digestOf(entry.content) };
    case 'pending':
      return { ...common, type: 'file', digest: pendingDigest(entry) };
    case 'symlink':
      return { ...common, type: entry.type, digest: entry.target };
    case 'directory':
      return { ...common, type: entry.type, digest: '-' };
  }
}

/** The draft of a file that is not secret lacks only the values behind its placeholders. */
function pendingDigest({ reason, draft, secret }: PendingEntry): string {
  if (draft === null) return reason;
  return secret ? `${reason}/${digestOf(draft)}` : digestOf(draft);
}

/** Blanks in a symlink's target are written as `\x20`, so that only the path follows the fifth field. */
export function formatLine(line: InventoryLine): string {
  const mode = line.mode.toString(8).padStart(4, '0');
  const digest = line.digest.replaceAll('\\', '\\\\').replaceAll(' ', String.raw`\x20`);
  return `${mode} ${String(line.uid)}:${String(line.gid)} ${line.type} ${digest} ${line.path}`;
}

/** @throws Error with the first line that is not an inventory line */
export function parseInventory(text: string): InventoryLine[] {
  const all = text.split('\n');
  if (all.pop() !== '') throw new Error('inventory does not end with a line feed');
  return all.map((line, index) => {
    const match = /^([0-7]{4,5}) (\d+):(\d+) (file|symlink|directory) (\S+) (.+)$/.exec(line);
    if (match === null) throw new Error(`inventory line ${String(index + 1)} is malformed: ${line}`);
    const [, mode = '', uid, gid, type, digest = '', path = ''] = match;
    const plain = digest.replaceAll(/\\(x20|\\)/g, (_, code: string) => (code === 'x20' ? ' ' : '\\'));
    return {
      ...{ mode: parseInt(mode, 8), uid: Number(uid), gid: Number(gid) },
      ...{ type: type as InventoryLine['type'], digest: plain, path },
    };
  });
}
