/** Copies a large file in the cheapest way that the file system offers. */
import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { run } from './run.ts';

/**
 * A reflink, which takes a millisecond and no room; otherwise a copy by cp(1), which lets the kernel copy (copy_file_range(2)) and
 * keeps holes.
 */
export async function cloneFile(from: string, to: string, signal?: AbortSignal): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
  } catch {
    await run({ command: 'cp', args: ['--reflink=auto', '--', from, to], reason: 'copy the image', signal });
  }
}
