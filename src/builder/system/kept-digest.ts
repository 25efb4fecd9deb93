/** The digest of a large file in the cache, computed once and kept beside the file. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { digestOf, sha256File } from './digest.ts';

interface Kept {
  /** Names the file as it was: its size and its times of change. */
  readonly of: string;
  readonly sha256: string;
}

/** SHA-256 of a file. A file that was written since the digest was kept is read again. */
export async function keptDigest(path: string): Promise<string> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  const of = digestOf({ size, mtimeMs, ctimeMs, ino });
  const place = `${path}.sha256`;
  const kept = await readFile(place, 'utf8').then(parse, () => null);
  if (kept?.of === of) return kept.sha256;
  const made: Kept = { of, sha256: await sha256File(path) };
  // Not by process id: builds in several containers have the same ones and may share the cache.
  const fresh = `${place}.${randomUUID()}.partial`;
  // A cache that cannot be written to is no fault: the next build computes the digest again.
  await writeFile(fresh, JSON.stringify(made))
    .then(() => rename(fresh, place))
    .catch(() => undefined);
  return made.sha256;
}

function parse(text: string): Kept | null {
  try {
    return JSON.parse(text) as Kept;
  } catch {
    return null;
  }
}
