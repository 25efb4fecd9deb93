/** The disk of a virtual machine, before anything is on it. */
import { rm } from 'node:fs/promises';
import { run } from '../../src/builder/system/run.ts';

/** Makes a qcow2 of 20 GiB in place of a file that stands there. @returns its path */
export async function blankDisk(path: string): Promise<string> {
  await rm(path, { force: true });
  await run({ command: 'qemu-img', args: ['create', '-q', '-f', 'qcow2', path, '20G'], reason: 'make a disk' });
  return path;
}
