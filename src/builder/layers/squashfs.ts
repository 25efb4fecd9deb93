/** Reads a squashfs inside of a larger file, without mounting or extracting that file. */
import type { Extent } from '../images/iso-extents.ts';
import { run } from '../system/run.ts';

export interface ListedEntry {
  readonly type: 'file' | 'symlink' | 'directory';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a symlink. */
  readonly target: string | null;
}

const TYPES: Readonly<Record<string, ListedEntry['type']>> = { '-': 'file', l: 'symlink', d: 'directory' };

/** All files, symlinks and directories, by path relative to the root (the root itself has the empty path). */
export async function listSquashfs(
  file: string,
  at: Extent,
  signal: AbortSignal | undefined,
): Promise<Map<string, ListedEntry>> {
  const listing = await run({
    command: 'unsquashfs',
    args: ['-o', String(at.offset), '-d', '', '-lln', file],
    reason: 'list a layer',
    signal,
  });
  const entries = listing.split('\n').flatMap((line) => parseLine(line) ?? []);
  return new Map(entries);
}

/** `drwxr-xr-x 0/0 27 2025-08-09 00:00 /etc`, a symlink with ` -> target` after it (unsquashfs(1)). */
function parseLine(line: string): [[string, ListedEntry]] | null {
  const match = /^([-ld])(\S{9}) (\d+)\/(\d+) +\d+ \S+ \S+ (.*)$/.exec(line);
  if (match === null) return null;
  const [, kind = '', letters = '', uid, gid, rest = ''] = match;
  const [path = '', target = null] = kind === 'l' ? rest.split(' -> ') : [rest];
  const type = TYPES[kind];
  if (type === undefined) return null;
  const entry = { type, mode: parseMode(letters), uid: Number(uid), gid: Number(gid), target };
  return [[path.replace(/^\//, ''), entry]];
}

/** `rwsr-xr-t` as a number, see ls(1). */
function parseMode(letters: string): number {
  const bits = [...letters].reduce((mode, letter) => (mode << 1) | Number(!'-ST'.includes(letter)), 0);
  const special = [2, 5, 8].reduce((mode, index) => (mode << 1) | Number('sStT'.includes(letters[index] ?? '')), 0);
  return (special << 9) | bits;
}

/** Extracts everything into `folder`, which must not exist; owners are not restored. */
export async function extractSquashfs(
  file: string,
  at: Extent,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await run({
    command: 'unsquashfs',
    args: ['-o', String(at.offset), '-no-xattrs', '-ignore-errors', '-quiet', '-no-progress', '-d', folder, file],
    reason: 'open a layer',
    signal,
  });
}
