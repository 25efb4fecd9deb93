/**
 * Formats a comparison as a unified diff, so that viewers for patches can colour it. A change that several nodes share is shown
 * once; the other nodes refer to it. Secrets are shown only as digests.
 */
import type { StructuredPatchHunk } from 'diff';
import { namesOrNumber, portion, quantity } from '../../diagnostics/quantity.ts';
import { contentChange, type ContentChange, type FileChange, type SnapshotEntry } from '../../render/tree/diff.ts';
import type { NodeChange } from '../../usecases/review/comparison.ts';

/** @param verbose shows the files of new and removed nodes; otherwise they are only counted */
export function formatComparison(changes: readonly NodeChange[], verbose: boolean): string {
  const seen = new Map<string, string>();
  const nodes = changes.filter(({ kind }) => kind !== 'unchanged');
  const blocks = nodes.flatMap((change) => nodeBlocks(change, verbose, seen));
  const unchanged = changes.filter(({ kind }) => kind === 'unchanged').map(({ node }) => node);
  const rest = unchanged.length === 0 ? [] : [`unchanged: ${namesOrNumber(unchanged, 'node')}\n`];
  return [...blocks, ...rest, `${summarize(changes)}\n`].join('');
}

/** The last line, e.g. `1 of 3 nodes changes: 2 files changed, 1 added`. */
export function summarize(changes: readonly NodeChange[]): string {
  const nodes = changes.filter(({ kind }) => kind !== 'unchanged');
  if (nodes.length === 0) return `No differences in ${quantity(changes.length, 'node')}.`;
  const files = countFiles(nodes.flatMap(({ files: all }) => all));
  const verb = nodes.length === 1 ? 'differs' : 'differ';
  return `${portion(nodes.length, changes.length)} ${changes.length === 1 ? 'node' : 'nodes'} ${verb}: ${files}.`;
}

function nodeBlocks(change: NodeChange, verbose: boolean, seen: Map<string, string>): string[] {
  const { node, kind, image, files } = change;
  if (kind === 'added' || kind === 'removed') {
    const shown = verbose ? files.flatMap((file) => fileBlock(node, file, seen)) : [];
    return [`node ${node}: ${kind}, ${quantity(files.length, 'file')}\n`, ...shown];
  }
  const head = `node ${node}: ${image.length > 0 ? 'image changed, ' : ''}${countFiles(files)}\n`;
  const facts = image.length === 0 ? [] : [`diff ${node} (image)\n`, ...image.map(hunkText)];
  return [head, ...facts, ...files.flatMap((file) => fileBlock(node, file, seen))];
}

function fileBlock(node: string, file: FileChange, seen: Map<string, string>): string[] {
  const name = `${node}/${file.path}`;
  const key = JSON.stringify([file.path, factsOf(file.before), factsOf(file.after)]);
  const first = seen.get(key);
  if (first !== undefined) return [`diff ${name}\nas in ${first}\n`];
  seen.set(key, name);
  return [`diff ${name}\n`, ...metaLines(file).map((line) => `${line}\n`), patchText(name, file)];
}

function factsOf(entry: SnapshotEntry | null): unknown {
  if (entry === null) return null;
  return [entry.type, entry.mode, entry.uid, entry.gid, entry.digest, entry.secret, entry.content !== null];
}

/** Changes that a patch cannot express: modes, owners, types, symlinks. */
function metaLines({ before, after }: FileChange): string[] {
  if (before === null) return after === null ? [] : [`new ${describe(after)}`];
  if (after === null) return [`deleted ${describe(before)}`];
  const facts: [string, (entry: SnapshotEntry) => string][] = [
    ['type', ({ type }) => type],
    ['mode', ({ mode }) => octal(mode)],
    ['owner', ({ uid, gid }) => `${uid}:${gid}`],
    ['target', ({ type, digest }) => (type === 'symlink' ? digest : '')],
  ];
  return facts.flatMap(([name, of]) => {
    const [was, is] = [of(before), of(after)];
    return was === is ? [] : [...(was ? [`old ${name} ${was}`] : []), ...(is ? [`new ${name} ${is}`] : [])];
  });
}

function describe({ type, mode, uid, gid, digest }: SnapshotEntry): string {
  if (type === 'symlink') return `symlink -> ${digest}`;
  return `${type} mode ${octal(mode)} owner ${uid}:${gid}`;
}

/** The change of content as text; empty when there is none. */
export function patchText(name: string, file: FileChange): string {
  const change = contentChange(file);
  if (change.kind === 'same') return '';
  if (change.kind !== 'text') return `${change.kind === 'unknown' ? 'content' : change.kind} ${digests(change)}\n`;
  const from = file.before?.type === 'file' ? `a/${name}` : '/dev/null';
  const to = file.after?.type === 'file' ? `b/${name}` : '/dev/null';
  return `--- ${from}\n+++ ${to}\n${change.hunks.map(hunkText).join('')}`;
}

function digests({ before, after }: Exclude<ContentChange, { kind: 'same' | 'text' }>): string {
  return `${before ?? 'none'} -> ${after ?? 'none'}`;
}

function hunkText({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk): string {
  // A hunk without lines on one side names the line before it: POSIX diff(1), "Diff -u Output Format".
  const range = (start: number, size: number): string =>
    `${size === 0 ? start - 1 : start}${size === 1 ? '' : `,${size}`}`;
  const head = `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@\n`;
  return head + lines.map((line) => `${line}\n`).join('');
}

function countFiles(files: readonly FileChange[]): string {
  const added = files.filter(({ before }) => before === null).length;
  const removed = files.filter(({ after }) => after === null).length;
  const changed = files.length - added - removed;
  const parts = [
    ...(changed > 0 ? [`${quantity(changed, 'file')} changed`] : []),
    ...(added > 0 ? [`${quantity(added, 'file')} added`] : []),
    ...(removed > 0 ? [`${quantity(removed, 'file')} removed`] : []),
  ];
  return parts.join(', ') || 'no file changed';
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
