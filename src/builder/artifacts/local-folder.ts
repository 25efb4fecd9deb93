/** Reads artifacts that the user provides: the folder of `--artifacts` and the OCI archives of the configuration. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Program } from '../../config/artifacts.ts';
import { verificationError } from '../system/errors.ts';

interface LocalFile {
  readonly path: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** The archives in `images/` of an artifact folder: paths relative to `images/`, sorted. */
export async function archivesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, 'images'), { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  return names.filter((name) => name.endsWith('.tar')).sort();
}

/**
 * A file's digest and size; null when there is no such file.
 * @param marker a text that the content must contain, to detect a file of another version
 * @throws BuildError exit 7 when it does not contain the marker
 */
export async function readLocal(path: string, marker?: string): Promise<LocalFile | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) return null;
  const { sha256, holds } = await scan(path, marker ?? '');
  if (!holds) {
    throw verificationError(
      `\`${path}\` does not contain the text \`${marker ?? ''}\`, the configured version: it is another version.`,
      'provide the files of that version, change the version in the definition, or pin your file with `coldstart lock`',
    );
  }
  return { path, sha256, size: found.size };
}

/**
 * The file of a program in an artifact folder; null when there is none.
 * @throws BuildError exit 7 when it is of another version and no digest says that it is the right one
 */
export function readProgram(folder: string, { name, sha256, marker }: Program): Promise<LocalFile | null> {
  return readLocal(join(folder, name), sha256 === null && marker !== null ? marker : undefined);
}

/** Computes both in one pass, because each program has about 100 MB. */
async function scan(path: string, marker: string): Promise<{ sha256: string; holds: boolean }> {
  const hash = createHash('sha256');
  let holds = marker === '';
  let tail = Buffer.alloc(0);
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const chunk = part as Buffer;
    hash.update(chunk);
    if (holds) continue;
    const window = Buffer.concat([tail, chunk]);
    holds = window.includes(marker);
    tail = window.subarray(-marker.length);
  }
  return { sha256: hash.digest('hex'), holds };
}
