/**
 * Replaces a file that must never be lost: the new content is on the disk under a temporary name before it takes the
 * place of the old one, in one step. Whoever reads sees the old or the new, whole, also after a power cut. Of several that
 * replace the same version, one succeeds.
 */
import { randomBytes } from 'node:crypto';
import { link, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readKept } from '../../config/files/definition-folder.ts';
import { fateOf, formatIdentity, ownIdentity, parseIdentity } from '../../process/identity.ts';
import { ChangedMeanwhile } from '../errors.ts';

const SUFFIX = '.unfinished';
/** A write takes milliseconds; what is this old was left by a process that died. Milliseconds. */
const ABANDONED = 600_000;

/**
 * Writes `content`, mode 0600.
 * @param expected what the file held when it was read; null when there was none
 * @throws ChangedMeanwhile when it holds something else now, or another process is about to change it
 */
export async function writeAtomically(path: string, content: Uint8Array, expected: Uint8Array | null): Promise<void> {
  // A symlink stays one: it is its target that is replaced.
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
 * A writer's temporary file is there before it looks for others, and until it has changed the target. So of two that meet,
 * the later to look sees the other; at worst both give up.
 */
async function beAlone(temporary: string, target: string): Promise<void> {
  const start = `.${basename(target)}.`;
  const others = (await readdir(dirname(target))).filter((name) => name.startsWith(start) && name.endsWith(SUFFIX));
  const owners = others.filter((name) => name !== basename(temporary)).map((name) => name.slice(start.length));
  if (owners.some(mayBeAtWork)) throw new ChangedMeanwhile(target);
}

/** @param owner a temporary file's name from the writer's identity on; other names are nobody's */
function mayBeAtWork(owner: string): boolean {
  const identity = parseIdentity(owner);
  return identity !== undefined && ['running', 'elsewhere'].includes(fateOf(identity));
}

async function putInPlace(temporary: string, target: string, expected: Uint8Array | null): Promise<void> {
  if (!(await holds(target, expected))) throw new ChangedMeanwhile(target);
  if (expected !== null) return rename(temporary, target);
  // Unlike rename, link fails when someone else was faster; not every file system can.
  await link(temporary, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new ChangedMeanwhile(target);
    return rename(temporary, target);
  });
}

/** What cannot be read, is no file any more, or is larger by now, holds something else. */
async function holds(target: string, expected: Uint8Array | null): Promise<boolean> {
  const { value, fault } = await readKept(target, expected?.length ?? 0);
  return expected === null ? fault?.kind === 'missing' : value?.content.equals(expected) === true;
}

async function clearAbandoned(folder: string, name: string): Promise<void> {
  const mine = (entry: string): boolean => entry.startsWith(`.${name}.`) && entry.endsWith(SUFFIX);
  for (const entry of (await readdir(folder)).filter(mine)) {
    const found = await stat(join(folder, entry)).catch(absent); // another writer may be done with it meanwhile
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
