/**
 * Makes sure that only one process does a piece of work at a time. The kernel keeps the lock (flock(2)) and releases it when
 * the holder ends, for whatever reason. So there are no stale locks, and two processes never hold it at once. Node.js has no
 * flock, so the holder is flock(1) with a `cat` that ends when we close its pipe.
 */
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { BuildError } from './errors.ts';
import { run } from './run.ts';

const CONFLICT = 'held by another process';
/** Of flock(1); its other failures, e.g. on a file system without locks, have the codes of sysexits.h. */
const HELD = '99';

/**
 * Runs `work` while holding the lock on `path`, an existing file or folder. The lock belongs to the inode, not to the name:
 * nothing may replace or remove the file.
 * @throws the error of `refused` when another process holds the lock; BuildError exit 4 without flock(1)
 */
export async function holding<T>(path: string, refused: () => Promise<Error>, work: () => Promise<T>): Promise<T> {
  const release = await acquire(path);
  if (release === CONFLICT) throw await refused();
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(path: string): Promise<typeof CONFLICT | (() => Promise<void>)> {
  await (await open(path, 'r')).close(); // reports a missing file better than flock(1) does
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const args = ['--exclusive', '--nonblock', '--conflict-exit-code', HELD, path, 'cat'];
  const held = run({ command: 'flock', args, reason: `lock \`${path}\``, stdin, stdout });
  stdout.once('end', () => stdin.end());
  stdin.write('locked\n');
  const ended = held.then(
    () => new Error('flock ended by itself'),
    (error: unknown) => error,
  );
  const outcome = await Promise.race([once(stdout, 'data'), ended]);
  if (outcome instanceof BuildError && outcome.message.includes(`(exit code ${HELD})`)) return CONFLICT;
  if (outcome instanceof Error) throw outcome;
  return async () => {
    stdin.end();
    await ended;
  };
}

const LOCK_FILE = '.lock';

/**
 * Runs `work` while holding the lock of an output folder, the file `.lock` in it. The file stays; it names the last holder.
 * @throws BuildError exit 6 when another build holds it
 */
export async function holdingOutput<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_FILE);
  await (await open(path, 'a')).close();
  return holding(
    path,
    () => beingWritten(path),
    async () => {
      await writeFile(path, `${String(process.pid)} on ${hostname()}\n`);
      return work();
    },
  );
}

async function beingWritten(path: string): Promise<BuildError> {
  const holder = (await readFile(path, 'utf8')).trim();
  return new BuildError(`Another build (process ${holder || 'unknown'}) is writing this output folder.`, {
    exitCode: 6,
    hint: 'wait until it ends, or choose another folder with --out',
  });
}
