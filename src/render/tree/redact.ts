/**
 * Turns a tree into one without secrets: a line with the digest replaces the content of each secret file, so a review
 * still shows whether it changed. If the content is unknown, the line names the reason, too. Everything else stays,
 * modes and owners included.
 */
import { inventoryLine } from './inventory.ts';
import type { DraftTree, FileEntry, FileTree, PendingEntry } from './tree.ts';

const UTF8 = new TextEncoder();
const redacted = new WeakMap<DraftTree[number], FileEntry>();

/** The tree without its secrets; entries that trees share stay shared. */
export function redactTree(tree: DraftTree): FileTree {
  return withStandIns(tree).map((entry) => (entry.type === 'file' && entry.secret ? standIn(entry) : entry));
}

/** The tree with its secrets. A file with unknown values has placeholders for them; a secret one has a stand-in. */
export function withStandIns(tree: DraftTree): FileTree {
  return tree.map((entry) => (entry.type === 'pending' ? { ...standIn(entry), secret: false } : entry));
}

function standIn(entry: FileEntry | PendingEntry): FileEntry {
  const known = redacted.get(entry);
  if (known !== undefined) return known;
  const { path, mode, uid, gid, secret, origin } = entry;
  const shown = entry.type === 'pending' && !entry.secret ? entry.draft : null;
  const content = shown ?? UTF8.encode(secretLine(inventoryLine(entry).digest));
  const made: FileEntry = { type: 'file', path, mode, uid, gid, secret, origin, content };
  redacted.set(entry, made);
  return made;
}

/**
 * The content of a file that stands in for a secret. @param digest `sha256:<hex>` of the secret, or the reason why
 * there is none
 */
export function secretLine(digest: string): string {
  return `coldstart secret ${digest}\n`;
}

/** Whether a content is the stand-in for a secret with this digest. */
export function isSecretLine(content: Uint8Array, digest: string): boolean {
  const line = UTF8.encode(secretLine(digest));
  return content.length === line.length && line.every((byte, index) => byte === content[index]);
}
