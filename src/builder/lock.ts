/** Keeps two builds from writing one output folder at the same time. */
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError } from './errors.ts';

const LOCK_FILE = '.lock';

/**
 * Runs `work` while holding the folder's lock, a file that names its process; one whose process has ended is taken over.
 * @throws BuildError exit 6 when another build holds it
 */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_FILE);
  await acquire(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, retry = true): Promise<void> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (!retry || isRunning(owner)) throw heldBy(owner, path);
    await rm(path, { force: true });
    await acquire(path, false);
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function heldBy(pid: number, path: string): BuildError {
  return new BuildError(`Another build (process ${String(pid)}) is writing this output folder.`, {
    exitCode: 6,
    hint: `wait for it to end; remove \`${path}\` if it does not exist any more`,
  });
}
