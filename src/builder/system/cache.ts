/**
 * The cache: folders named by the digest of all their inputs. A folder is made under a temporary name and then renamed, so it
 * is complete or missing. Parallel and interrupted builds do no harm, also on a file system that several machines share. Builds
 * that need the same folder wait for the one that makes it.
 */
import { mkdir, mkdtemp, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { StepContext } from '../step-context.ts';
import { awaitLease, PACE, takeLease } from './lease.ts';

type CacheKind = 'base' | 'iso' | 'artifact' | 'artifact-layer' | 'artifact-digest';

/** `$COLDSTART_CACHE`, else `$XDG_CACHE_HOME/coldstart`, else `~/.cache/coldstart`. */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>>): string {
  return env['COLDSTART_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'coldstart');
}

export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * The folder of `kind`/`key`, filled by `fill` if it does not exist yet.
 * @param fill writes into the given folder; when it throws, nothing is kept.
 * @throws the error of `fill`; the signal's reason
 */
export async function cached(
  { cacheDir, signal, report }: StepContext,
  kind: CacheKind,
  key: string,
  fill: (folder: string) => Promise<void>,
  pace = PACE,
): Promise<string> {
  const place = join(cacheDir, kind);
  const folder = join(place, key);
  while (!(await isDirectory(folder))) {
    await mkdir(place, { recursive: true });
    const path = join(place, `.${key}.lease`);
    let staging: string | null = null;
    const touch = async (): Promise<void> => {
      if (staging !== null) await utimes(staging, new Date(), new Date());
    };
    const lease = await takeLease(path, pace, touch);
    if (lease === null) {
      await awaitLease(path, pace, signal, (holder) => {
        report(`another build (${holder}) is making ${kind} ${key.slice(0, 16)}: waiting for it`);
      });
      continue;
    }
    try {
      if (await isDirectory(folder)) break;
      staging = await mkdtemp(join(place, `.${key.slice(0, 16)}-`));
      await removeLeftovers(place, staging);
      await fill(staging);
      await flush(staging);
      await putInPlace(staging, folder);
    } finally {
      if (staging !== null) await rm(staging, { recursive: true, force: true });
      await lease.release();
    }
  }
  return folder;
}

/** Milliseconds since a build renewed its lease and its staging folder; far more than clocks of machines differ. */
const DEAD_AFTER = 24 * 3_600_000;

/** Removes what builds left that were killed. */
async function removeLeftovers(place: string, staging: string): Promise<void> {
  const { mtimeMs: now } = await stat(staging);
  const names = (await readdir(place)).filter((name) => name.startsWith('.'));
  for (const path of names.map((name) => join(place, name))) {
    const isDead = await stat(path)
      .then(({ mtimeMs }) => now - mtimeMs > DEAD_AFTER)
      .catch(() => false);
    if (isDead) await rm(path, { recursive: true, force: true }).catch(() => undefined); // another build removes it, too
  }
}

/** Brings contents to the disk before the name: after a power cut, a folder with its final name must be complete. */
async function flush(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const path of entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))) {
    const file = await open(path);
    await file.sync().finally(() => file.close());
  }
}

async function putInPlace(staging: string, folder: string): Promise<void> {
  await rename(staging, folder).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error; // else another build was faster: rename(2)
  });
}
