/** Files in memory, for programs that can write only to a file: nothing secret reaches a disk. */
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentError } from '../builder/system/errors.ts';

/** Where Linux has a file system in memory: shm_overview(7). */
const SHARED_MEMORY = '/dev/shm';
/** statfs(2): TMPFS_MAGIC. */
const TMPFS = 0x01021994;

/**
 * Runs `work` with a new folder that only this user can read, and removes it.
 * @throws BuildError exit 4 when `/dev/shm` is not in memory
 */
export async function inMemory<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await requireMemoryFolder();
  const folder = await mkdtemp(join(SHARED_MEMORY, 'coldstart-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws BuildError exit 4 */
export async function requireMemoryFolder(): Promise<void> {
  const found = await statfs(SHARED_MEMORY).catch(() => null);
  if (found?.type !== TMPFS) {
    throw environmentError(`\`${SHARED_MEMORY}\` is not a tmpfs, which is needed to pack layers in memory.`);
  }
}
