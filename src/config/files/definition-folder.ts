/**
 * The only way to what lies in a definition's folder. A definition may come from anybody, and its images go anywhere: what
 * lies outside of the folder is not read, whatever links lead to it (`/etc/shadow`), and nothing is opened that is no regular
 * file: a pipe or a device can keep its reader waiting for ever, and do worse.
 */
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { access, type FileHandle, lstat, open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Why a file or folder cannot be had. */
export type FileFault =
  | { readonly kind: 'missing' | 'outside' }
  | { readonly kind: 'other'; readonly what: Kind }
  | { readonly kind: 'too-large'; readonly size: number; readonly limit: number }
  | { readonly kind: 'unreadable'; readonly reason: string };

type Found<T> =
  { readonly value: T; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: FileFault };

export type Kind = 'a file' | 'a folder' | 'a link' | 'a named pipe' | 'a socket' | 'a device';

/** What stands in a folder under a name, links not followed. */
export interface FolderEntry {
  /** With bytes that are not UTF-8 and control characters written out: `caf\xe9`. */
  readonly name: string;
  /** Whether that is what the entry is called, byte for byte. */
  readonly exact: boolean;
  readonly kind: Kind;
}

export interface ReadFile {
  readonly content: Buffer;
  readonly mode: number;
}

/**
 * A file's content and mode; a link counts as what it leads to.
 * @param folder of the definition
 * @param file relative to it
 * @param limit in bytes; nothing is returned of what is larger
 */
export const readWithin = (folder: string, file: string, limit: number): Promise<Found<ReadFile>> =>
  found(async () => readAt(await within(folder, file), limit));

/** The first bytes of a file that is large, or all of a smaller one. */
export const startWithin = (folder: string, file: string, length: number): Promise<Found<Buffer>> =>
  found(async () =>
    withRegular(await within(folder, file), async (handle) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    }),
  );

/** Content and mode of a file that the user keeps for this program, the secrets store: it may well be a link out of the folder. */
export const readKept = (path: string, limit: number): Promise<Found<ReadFile>> =>
  found(async () => readAt(await real(path), limit));

/**
 * As {@link readKept}, also of what a shell hands over without a name, as with `<(…)`: whoever writes to it is at work. A pipe
 * with a name may wait for ever.
 */
export const readHandedOver = (path: string, limit: number): Promise<Found<ReadFile>> =>
  found(async () => {
    const named = await realpath(path).catch(unlessMissing);
    return named === null ? readUnnamed(path, limit) : readAt(named, limit);
  });

/** Where a file really lies, which {@link readWithin} could read; for what is large and read later. */
export const findWithin = (folder: string, file: string, limit = Infinity): Promise<Found<string>> =>
  found(async () => {
    const path = await within(folder, file);
    requireKind('a file', kindOf(await lstat(path)));
    await access(path, constants.R_OK);
    requireSize((await stat(path)).size, limit);
    return path;
  });

/** What stands at a path, links not followed; null for nothing. */
export const kindWithin = (folder: string, file: string): Promise<Found<Kind | null>> =>
  found(async () => {
    const status = await lstat(join(folder, file)).catch(unlessMissing);
    return status === null ? null : kindOf(status);
  });

/** The entries of a folder, sorted by name. */
export const listWithin = (folder: string, file: string): Promise<Found<readonly FolderEntry[]>> =>
  found(async () => {
    const path = await within(folder, file);
    requireKind('a folder', kindOf(await lstat(path)));
    const entries = await readdir(path, { withFileTypes: true, encoding: 'buffer' });
    const named = entries.map((entry) => ({ ...displayed(Buffer.from(entry.name)), kind: kindOf(entry) }));
    return named.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  });

/** Where a link says that it leads. */
export const linkWithin = (folder: string, file: string): Promise<Found<string>> =>
  found(async () => {
    const target = displayed(await readlink(join(folder, file), 'buffer'));
    if (!target.exact)
      throw new Refusal({ kind: 'unreadable', reason: 'it is a link to a name with characters that are not allowed' });
    return target.name;
  });

/** Whether a path, which need not be in a definition's folder, leads to a folder; null when it leads nowhere. */
export const leadsToFolder = (path: string): Promise<boolean | null> =>
  stat(path).then(
    (status) => status.isDirectory(),
    () => null,
  );

const readAt = (path: string, limit: number): Promise<ReadFile> =>
  withRegular(path, (handle) => readOpen(handle, limit));

/** @param path of an open file or pipe: `/dev/fd/63` */
async function readUnnamed(path: string, limit: number): Promise<ReadFile> {
  const kind = kindOf(await stat(path));
  if (kind !== 'a named pipe') requireKind('a file', kind);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOCTTY);
  return readOpen(handle, limit).finally(() => handle.close());
}

/** @param path without links */
async function withRegular<T>(path: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  requireKind('a file', kindOf(await lstat(path)));
  // Were the file exchanged since it was looked at, a link would not be followed and a pipe not waited for.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  try {
    requireKind('a file', kindOf(await handle.stat()));
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function within(folder: string, file: string): Promise<string> {
  const root = await realpath(folder);
  const path = await real(join(folder, file));
  if (path !== root && !path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))
    throw new Refusal({ kind: 'outside' });
  return path;
}

async function real(path: string): Promise<string> {
  const found = await realpath(path).catch(unlessMissing);
  if (found === null) throw new Refusal(await missing(path));
  return found;
}

/** Most who see "there is no such file" look for a misspelt name, which a broken link is not. */
async function missing(path: string): Promise<FileFault> {
  const status = await lstat(path).catch(unlessMissing);
  return status === null ? { kind: 'missing' } : { kind: 'unreadable', reason: 'it is a broken link' };
}

async function readOpen(handle: FileHandle, limit: number): Promise<ReadFile> {
  const status = await handle.stat();
  requireSize(status.size, limit);
  const parts: Buffer[] = [];
  // Its size may be said wrongly (procfs, pipes) or grow: one byte more than the limit tells.
  for await (const part of handle.createReadStream({ end: limit, autoClose: false })) parts.push(part as Buffer);
  const content = Buffer.concat(parts);
  requireSize(content.length, limit);
  return { content, mode: status.mode };
}

function requireKind(needed: Kind, what: Kind): void {
  if (what !== needed) throw new Refusal({ kind: 'other', what });
}

function requireSize(size: number, limit: number): void {
  if (size > limit) throw new Refusal({ kind: 'too-large', size, limit });
}

interface Status {
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
  readonly isFIFO: () => boolean;
  readonly isSocket: () => boolean;
}

function kindOf(status: Status): Kind {
  if (status.isFile()) return 'a file';
  if (status.isDirectory()) return 'a folder';
  if (status.isSymbolicLink()) return 'a link';
  if (status.isFIFO()) return 'a named pipe';
  return status.isSocket() ? 'a socket' : 'a device';
}

function displayed(bytes: Buffer): Pick<FolderEntry, 'name' | 'exact'> {
  const hex = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const name = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  const shown = isUtf8(bytes) ? name.replace(/\p{Cc}/gu, hex) : name.replace(/[^\x20-\x7e]/g, hex);
  return { name: shown, exact: shown === name };
}

/** A fault on its way to the caller. */
class Refusal extends Error {
  readonly fault: FileFault;

  constructor(fault: FileFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

async function found<T>(work: () => Promise<T>): Promise<Found<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { fault: error instanceof Refusal ? error.fault : faultOf(error as NodeJS.ErrnoException) };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its path is too long',
};

/** @throws what is no fault of a file's */
function faultOf(error: NodeJS.ErrnoException): FileFault {
  const { code, message } = error;
  if (code === undefined || error.syscall === undefined) throw error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
  return { kind: 'unreadable', reason: REASONS[code] ?? message };
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
