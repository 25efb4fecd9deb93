/**
 * Compares the current and the future file system of a node, entry by entry: content, mode, owner, type. Works on
 * snapshots, which contain no secrets, so a comparison cannot show a secret.
 */
import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { inventoryLine, type InventoryLine } from './inventory.ts';
import { byPath, type DraftTree, type PendingReason } from './tree.ts';
import { couldBecome } from '../engine/values.ts';

/** An entry of a tree, without secret content. */
export interface SnapshotEntry extends InventoryLine {
  readonly secret: boolean;
  /** Null for secrets and certificates, for entries that are no files, and when only the inventory is available. */
  readonly content: Uint8Array | null;
}

/** Sorted by path. */
export type Snapshot = readonly SnapshotEntry[];

export interface FileChange {
  readonly path: string;
  /** Null for an added entry. */
  readonly before: SnapshotEntry | null;
  /** Null for a removed entry. */
  readonly after: SnapshotEntry | null;
}

/** How two contents differ, as far as that may and can be shown. */
export type ContentChange =
  | { readonly kind: 'same' }
  | { readonly kind: 'text'; readonly hunks: readonly StructuredPatchHunk[] }
  /** Only the digests are known: a secret, a binary content, or a content that is not available. */
  | { readonly kind: 'secret' | 'binary' | 'unknown'; readonly before: string | null; readonly after: string | null };

/** The tree as a snapshot, without its secrets. */
export const snapshotOf = (tree: DraftTree): Snapshot => tree.map(snapshotEntry);

// Trees of a cluster share most of their entries.
const snapshots = new WeakMap<DraftTree[number], SnapshotEntry>();

function snapshotEntry(entry: DraftTree[number]): SnapshotEntry {
  const known = snapshots.get(entry);
  if (known !== undefined) return known;
  const secret = (entry.type === 'file' || entry.type === 'pending') && entry.secret;
  const made = { ...inventoryLine(entry), secret, content: secret ? null : shownContent(entry) };
  snapshots.set(entry, made);
  return made;
}

/** Null for certificates: nobody reads base64. */
function shownContent(entry: DraftTree[number]): Uint8Array | null {
  if (entry.origin.kind === 'secrets-store') return null;
  return entry.type === 'file' ? entry.content : entry.type === 'pending' ? entry.draft : null;
}

/** What changes between two snapshots, sorted by path. */
export function diffSnapshots(before: Snapshot, after: Snapshot): FileChange[] {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const kept = new Set(after.map(({ path }) => path));
  const removed = before.filter(({ path }) => !kept.has(path)).map((entry) => change(entry, null));
  const others = after.flatMap((entry) => {
    const was = old.get(entry.path) ?? null;
    return was !== null && isSame(was, entry) ? [] : [change(was, entry)];
  });
  return [...removed, ...others].sort(byPath);
}

function change(before: SnapshotEntry | null, after: SnapshotEntry | null): FileChange {
  return { path: (after ?? before)?.path ?? '', before, after };
}

function isSame(a: SnapshotEntry, b: SnapshotEntry): boolean {
  return a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && mayAgree(a, b);
}

const CLOSED: PendingReason = 'cannot-be-opened-here';
const isClosed = ({ digest }: SnapshotEntry): boolean => digest.startsWith(CLOSED);

/**
 * The content of an encrypted value is unknown, so it counts as unchanged; the reason is reported once, not for every
 * file.
 */
function mayAgree(a: SnapshotEntry, b: SnapshotEntry): boolean {
  if (a.digest === b.digest) return true;
  if (a.type !== 'file') return false;
  // When both values are encrypted, the text around them differs.
  if (isClosed(a) || isClosed(b)) return isClosed(a) !== isClosed(b);
  if (a.content === null || b.content === null) return false;
  const [one, other] = [text(a.content), text(b.content)];
  return one !== null && other !== null && (couldBecome(one, other) || couldBecome(other, one));
}

/** How the contents of a changed file differ; other entries have none. */
export function contentChange({ before, after }: FileChange): ContentChange {
  const old = before?.type === 'file' ? before : null;
  const now = after?.type === 'file' ? after : null;
  if (old?.digest === now?.digest || (old !== null && now !== null && mayAgree(old, now))) return { kind: 'same' };
  const digests = { before: old?.digest ?? null, after: now?.digest ?? null };
  if (old?.secret === true || now?.secret === true) return { kind: 'secret', ...digests };
  if ((old !== null && old.content === null) || (now !== null && now.content === null)) {
    return { kind: 'unknown', ...digests };
  }
  const [from, to] = [text(old?.content ?? null), text(now?.content ?? null)];
  if (from === null || to === null) return { kind: 'binary', ...digests };
  return { kind: 'text', hunks: structuredPatch('', '', from, to, undefined, undefined, { context: 3 }).hunks };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null for a binary content: not UTF-8, or with control characters that a terminal would interpret. */
function text(content: Uint8Array | null): string | null {
  if (content === null) return '';
  try {
    const decoded = UTF8.decode(content);
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}
