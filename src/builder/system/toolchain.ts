/** The programs that a build runs, with their purposes; checked before any work begins. */
import { access, constants, statfs } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { environmentError } from './errors.ts';

interface Tool {
  readonly command: string;
  /** Debian package that contains it. */
  readonly package: string;
  /** Completes "is needed to …". */
  readonly reason: string;
}

export const BASE_TOOLS: readonly Tool[] = [
  { command: 'mmdebstrap', package: 'mmdebstrap', reason: 'build base layers' },
  { command: 'mksquashfs', package: 'squashfs-tools', reason: 'pack layers' },
];
export const LAYER_TOOLS: readonly Tool[] = [
  { command: 'mksquashfs', package: 'squashfs-tools', reason: 'pack layers' },
];
export const DOWNLOAD_TOOLS: readonly Tool[] = [
  { command: 'curl', package: 'curl', reason: 'download programs that Debian does not package' },
];
export const ISO_TOOLS: readonly Tool[] = [
  { command: 'xorriso', package: 'xorriso', reason: 'assemble ISOs' },
  { command: 'mkfs.vfat', package: 'dosfstools', reason: 'make the EFI system partition' },
  { command: 'mmd', package: 'mtools', reason: 'fill the EFI system partition' },
  { command: 'mcopy', package: 'mtools', reason: 'fill the EFI system partition' },
];
export const CONVERSION_TOOLS: readonly Tool[] = [
  { command: 'qemu-img', package: 'qemu-utils', reason: 'convert disk images' },
];
export const VERIFY_TOOLS: readonly Tool[] = [
  { command: 'xorriso', package: 'xorriso', reason: 'open ISOs' },
  { command: 'unsquashfs', package: 'squashfs-tools', reason: 'open layers' },
];
export const SIGNATURE_TOOLS: readonly Tool[] = [
  { command: 'openssl', package: 'openssl', reason: 'check the signatures of updates' },
];

/** @throws BuildError exit 4 with all missing programs and their packages */
export async function requireTools(tools: readonly Tool[]): Promise<void> {
  const found = await Promise.all(tools.map((tool) => isOnPath(tool.command)));
  const missing = tools.filter((_, index) => found[index] === false);
  if (missing.length === 0) return;
  const lines = missing.map(({ command, reason }) => `\`${command}\`, which is needed to ${reason}`);
  const packages = [...new Set(missing.map((tool) => tool.package))].join(' ');
  throw environmentError(`Could not find ${lines.join('; ')}.`, `on Debian and Ubuntu: apt-get install ${packages}`);
}

/** mkfs.vfat is in /usr/sbin, which only root's PATH contains, but packing needs no root. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];

async function isOnPath(command: string): Promise<boolean> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  const checks = folders.map((folder) =>
    access(join(folder, command), constants.X_OK).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(checks)).includes(true);
}

/**
 * Checks the free disk space before the work starts, not when the disk is full an hour later.
 * @param needed bytes
 * @throws BuildError exit 4
 */
export async function requireRoom(folder: string, needed: number, purpose: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed) return;
  const mib = (bytes: number): string => `${String(Math.ceil(bytes / (1 << 20)))} MiB`;
  throw environmentError(
    `${purpose} needs ${mib(needed)} in \`${folder}\`, but only ${mib(free)} are free.`,
    'free disk space, or choose other folders with --out and COLDSTART_CACHE',
  );
}
