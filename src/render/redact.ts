/**
 * Turns a tree into one that anybody may read: the content of each secret file becomes a line that names its digest, so
 * that a review still sees whether it changed. Everything else stays as it is, modes and owners included.
 */
import { digestOf } from './inventory.ts';
import type { FileTree, TreeEntry } from './tree.ts';

const UTF8 = new TextEncoder();
const redacted = new WeakMap<TreeEntry, TreeEntry>();

/** The tree without its secrets; entries that trees share stay shared. */
export function redactTree(tree: FileTree): FileTree {
  return tree.map((entry) => {
    if (entry.type !== 'file' || !entry.secret) return entry;
    const known = redacted.get(entry) ?? { ...entry, content: UTF8.encode(secretLine(digestOf(entry.content))) };
    redacted.set(entry, known);
    return known;
  });
}

/** What stands in a file in place of a secret. @param digest `sha256:<hex>` of the secret */
export function secretLine(digest: string): string {
  return `coldstart secret ${digest}\n`;
}

/** Whether a content is the stand-in for a secret with this digest. */
export function isSecretLine(content: Uint8Array, digest: string): boolean {
  const line = UTF8.encode(secretLine(digest));
  return content.length === line.length && line.every((byte, index) => byte === content[index]);
}
