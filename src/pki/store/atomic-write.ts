/**
 * Replaces a file that must never be lost. The new content is first written to the disk under a temporary name, then a
 * rename puts it in place of the old file in one step. Readers see the complete old or new file, also after a power
 * cut. When several writers replace the same version, at most one succeeds.
 */
import { randomBytes } from 'node:crypto';
import { link, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readKept } from '../../config/files/definition-folder.ts';
import { fateOf, formatIdentity, ownIdentity, parseIdentity } from '../../process/identity.ts';
import { ChangedMeanwhile } from '../errors.ts';

const SUFFIX = '.unfinished';
/** Milliseconds. A write takes milliseconds; an older temporary file belongs to a process that died. */
const ABANDONED = 600_000;

/**
 * Writes `content`, mode 0600.
 * @param expected the content of the file when it was read; null when there was no file
 * @throws ChangedMeanwhile when the file has another content now, or another process is about to change it
 */
export async function writeAtomically(path: string, content: Uint8Array, expected: Uint8Array | null): Promise<void> {
  // A symlink stays: its target is replaced.
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  const own = `${formatIdentity(ownIdentity())}-${randomBytes(6).toString('hex')}`;
  const temporary = join(folder, `.${basename(target)}.${own}${SUFFIX}`);
  await clearAbandoned(folder, basename(target));
  try {
    await writeThrough(temporary, content);
    await beAlone(temporary, target);
    await putInPlace(temporary, target, expected);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
}

async function writeThrough(path: string, content: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A writer makes its temporary file before it looks for those of others, and keeps it until the target is changed. So
 * when two writers meet, the later one sees the other's file; at worst both give up.
 */
async function beAlone(temporary: string, target: string): Promise<void> {
  const start = `.${basename(target)}.`;
  const others = (await readdir(dirname(target))).filter((name) => name.startsWith(start) && name.endsWith(SUFFIX));
  const owners = others.filter((name) => name !== basename(temporary)).map((name) => name.slice(start.length));
  if (owners.some(mayBeAtWork)) throw new ChangedMeanwhile(target);
}

/** @param owner a temporary file's name from the writer's identity on; other names belong to no writer */
function mayBeAtWork(owner: string): boolean {
  const identity = parseIdentity(owner);
  return identity !== undefined && ['running', 'elsewhere'].includes(fateOf(identity));
}

async function putInPlace(temporary: string, target: string, expected: Uint8Array | null): Promise<void> {
  if (!(await holds(target, expected))) throw new ChangedMeanwhile(target);
  if (expected !== null) return rename(temporary, target);
  // Unlike rename, link fails when another writer was faster. Some file systems do not support it.
  await link(temporary, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new ChangedMeanwhile(target);
    return rename(temporary, target);
  });
}

/** A file that is unreadable, not a regular file, or larger than expected counts as changed. */
async function holds(target: string, expected: Uint8Array | null): Promise<boolean> {
  const { value, fault } = await readKept(target, expected?.length ?? 0);
  return expected === null ? fault?.kind === 'missing' : value?.content.equals(expected) === true;
}

async function clearAbandoned(folder: string, name: string): Promise<void> {
  const mine = (entry: string): boolean => entry.startsWith(`.${name}.`) && entry.endsWith(SUFFIX);
  for (const entry of (await readdir(folder)).filter(mine)) {
    const found = await stat(join(folder, entry)).catch(absent); // another writer may have removed it meanwhile
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED) await rm(join(folder, entry), { force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
