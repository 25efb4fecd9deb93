/**
 * The cache: folders named by the digest of all their inputs. A folder is made under a temporary name and then renamed, so it
 * is complete or missing. Parallel and interrupted builds do no harm.
 */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

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
 */
export async function cached(
  cacheDir: string,
  kind: CacheKind,
  key: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheDir, kind, key);
  if (await isDirectory(folder)) return folder;
  await mkdir(join(cacheDir, kind), { recursive: true });
  const staging = await mkdtemp(join(cacheDir, kind, `.${key.slice(0, 16)}-`));
  try {
    await fill(staging);
    await rename(staging, folder).catch(async (error: unknown) => {
      if (!(await isDirectory(folder))) throw error; // else another build was faster
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}
