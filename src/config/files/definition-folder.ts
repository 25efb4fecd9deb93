/**
 * All access to files of a definition's folder. Definitions may come from strangers, and images may be published. So files
 * outside of the folder (`/etc/shadow`) are not read, even through links. Only regular files are opened: reading a pipe or a
 * device may block for ever or have other effects.
 */
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { access, type FileHandle, lstat, open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Why a file or folder cannot be read. */
export type FileFault =
  | { readonly kind: 'missing' | 'outside' }
  | { readonly kind: 'other'; readonly what: Kind }
  | { readonly kind: 'too-large'; readonly size: number; readonly limit: number }
  | { readonly kind: 'unreadable'; readonly reason: string };

type Found<T> =
  { readonly value: T; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: FileFault };

export type Kind = 'a file' | 'a folder' | 'a link' | 'a named pipe' | 'a socket' | 'a device';

/** An entry of a folder; links are not followed. */
export interface FolderEntry {
  /** Control characters and bytes that are not UTF-8 are escaped: `caf\xe9`. */
  readonly name: string;
  /** Whether `name` is the real name, without escapes. */
  readonly exact: boolean;
  readonly kind: Kind;
}

export interface ReadFile {
  readonly content: Buffer;
  readonly mode: number;
}

/**
 * A file's content and mode; links are followed.
 * @param folder of the definition
 * @param file relative to it
 * @param limit in bytes; a larger file is a fault
 */
export const readWithin = (folder: string, file: string, limit: number): Promise<Found<ReadFile>> =>
  found(async () => readAt(await within(folder, file), limit));

/** The `length` bytes of a file from `position`; fewer at the end of the file. */
type ReadPart = (position: number, length: number) => Promise<Buffer>;

/** What `use` finds in a file that is too large to be read as a whole. */
export const partsWithin = <T>(folder: string, file: string, use: (read: ReadPart) => Promise<T>): Promise<Found<T>> =>
  found(async () =>
    withRegular(await within(folder, file), (handle) =>
      use(async (position, length) => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
        return buffer.subarray(0, bytesRead);
      }),
    ),
  );

/** The first `length` bytes of a file, or all of a smaller file. */
export const startWithin = (folder: string, file: string, length: number): Promise<Found<Buffer>> =>
  partsWithin(folder, file, (read) => read(0, length));

/** Content and mode of the secrets store. It may be a link to a file outside of the folder. */
export const readKept = (path: string, limit: number): Promise<Found<ReadFile>> =>
  found(async () => readAt(await real(path), limit));

/**
 * Like {@link readKept}, but also reads unnamed pipes of a shell, e.g. `<(…)`: their writer is running. Named pipes are
 * refused, because reading one may block for ever.
 */
export const readHandedOver = (path: string, limit: number): Promise<Found<ReadFile>> =>
  found(async () => {
    const named = await realpath(path).catch(unlessMissing);
    return named === null ? readUnnamed(path, limit) : readAt(named, limit);
  });

/** The real path of a file that {@link readWithin} could read; for large files that are read later. */
export const findWithin = (folder: string, file: string, limit = Infinity): Promise<Found<string>> =>
  found(async () => {
    const path = await within(folder, file);
    requireKind('a file', kindOf(await lstat(path)));
    await access(path, constants.R_OK);
    requireSize((await stat(path)).size, limit);
    return path;
  });

/** The kind of the file at a path, links not followed; null if there is none. */
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

/** The target of a link, as written in the link. */
export const linkWithin = (folder: string, file: string): Promise<Found<string>> =>
  found(async () => {
    const target = displayed(await readlink(join(folder, file), 'buffer'));
    if (!target.exact)
      throw new Refusal({ kind: 'unreadable', reason: 'it is a link to a name with characters that are not allowed' });
    return target.name;
  });

/** Whether a path leads to a folder; null if it does not exist. The path may be outside of a definition's folder. */
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
  // If the file was replaced since lstat, open() does not follow a link and does not wait for a pipe.
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

/** A broken link gets a message of its own: with "there is no such file", users look for a misspelt name. */
async function missing(path: string): Promise<FileFault> {
  const status = await lstat(path).catch(unlessMissing);
  return status === null ? { kind: 'missing' } : { kind: 'unreadable', reason: 'it is a broken link' };
}

async function readOpen(handle: FileHandle, limit: number): Promise<ReadFile> {
  const status = await handle.stat();
  requireSize(status.size, limit);
  const parts: Buffer[] = [];
  // The reported size may be wrong (procfs, pipes) or grow, so read up to one byte more than the limit.
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

/** Carries a fault to the caller. */
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

/** @throws errors that are not faults of a file */
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
