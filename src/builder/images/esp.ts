/** Builds the EFI system partition of an image, without mounting it: a FAT file system with Debian's signed shim and GRUB. */
import { stat, utimes, writeFile, truncate, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StepContext } from '../step-context.ts';
import { run } from '../system/run.ts';

/** The boot path of removable media (UEFI 2.10 §3.5.1.1), and the files that shim loads from its own folder. */
const FILES = [
  ['shimx64.efi', 'BOOTX64.EFI'],
  ['grubx64.efi', 'grubx64.efi'],
  ['mmx64.efi', 'mmx64.efi'],
] as const;

/**
 * Writes `output`, a FAT image that is just large enough.
 * @param bootKit folder with the EFI programs
 * @param grubConfig what GRUB reads when it was started from this partition
 * @param epoch modification time of the files, seconds since 1970
 */
export async function buildEspImage(
  bootKit: string,
  grubConfig: string,
  output: string,
  epoch: number,
  step: StepContext,
): Promise<void> {
  const staging = await mkdtemp(join(dirname(output), 'esp-'));
  const env = { SOURCE_DATE_EPOCH: String(epoch), MTOOLS_SKIP_CHECK: '1' };
  const tool = (command: string, args: string[]): Promise<string> =>
    run({ command, args, reason: 'make the EFI system partition', env, signal: step.signal });
  try {
    const sources = await Promise.all(
      FILES.map(([from, to]) => datedCopy(join(bootKit, from), join(staging, to), epoch)),
    );
    const config = await datedCopy(grubConfig, join(staging, 'grub.cfg'), epoch);
    await writeFile(output, '');
    await truncate(output, espSize(await Promise.all(sources.map(async (path) => (await stat(path)).size))));
    await tool('mkfs.vfat', ['--invariant', '-n', 'ESP', output]);
    await tool('mmd', ['-i', output, '::/EFI', '::/EFI/BOOT', '::/boot', '::/boot/grub']);
    await tool('mcopy', ['-m', '-i', output, ...sources, '::/EFI/BOOT/']);
    await tool('mcopy', ['-m', '-i', output, config, '::/boot/grub/']);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function datedCopy(from: string, to: string, epoch: number): Promise<string> {
  await copyFile(from, to);
  await utimes(to, epoch, epoch);
  return to;
}

/** The size of the files and a MiB for FAT's own tables, rounded up to whole MiB. */
function espSize(sizes: readonly number[]): number {
  const mib = 1 << 20;
  return Math.ceil((sizes.reduce((sum, size) => sum + size, 0) + mib) / mib) * mib;
}
