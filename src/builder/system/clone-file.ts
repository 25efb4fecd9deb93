/** Copies a large file in the cheapest way that the file system offers. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Program } from './run.ts';

type Start = (program: Program) => Promise<unknown>;

/**
 * A reflink, which takes a millisecond and no room; otherwise a copy by cp(1), which lets the kernel copy (copy_file_range(2)) and
 * keeps holes.
 * @param start starts cp(1)
 */
export async function cloneFile(from: string, to: string, start: Start = run): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
  } catch {
    await start({ command: 'cp', args: ['--reflink=auto', '--', from, to], reason: 'copy the image' });
  }
}

/** Whether copies of `from` in `folder` are reflinks, which take no room. Finds out by making one. */
export async function canReflink(from: string, folder: string): Promise<boolean> {
  const probe = join(folder, `.reflink-${randomUUID()}`);
  try {
    await copyFile(from, probe, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true });
  }
}
