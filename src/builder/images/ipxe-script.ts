/** The script with which iPXE boots a node: https://ipxe.org/scripting */
import { BuildError } from '../system/errors.ts';
import { identityArgs, type BootSettings } from './boot-settings.ts';
import { RAM_MEDIUM } from './ramdisk.ts';

/** Names of the files beside the script; a script's relative names are relative to its own address. */
export const PXE_FILES = {
  script: 'boot.ipxe',
  kernel: 'vmlinuz',
  system: 'system.img',
  /** The only file with secrets, and the last one that iPXE loads. */
  node: 'node.img',
} as const;

/** In bytes, with the final NUL (arch/x86/include/asm/setup.h, `COMMAND_LINE_SIZE`). */
const COMMAND_LINE_SIZE = 2048;

/**
 * The arguments are those of `scripts/base-layer/grub.cfg`, but the layers are in memory. `toram` would copy them once more.
 * @throws BuildError exit 3 for arguments that iPXE or the kernel would change
 */
export function ipxeScript(settings: BootSettings): string {
  const { kernel, system, node } = PXE_FILES;
  const disks = `initrd=${system} initrd=${node}`; // for UEFI, where the kernel asks the boot loader for its RAM disks
  const { node: name, kernelArgs } = settings;
  const own = kernelArgs.filter((argument) => argument !== 'toram').join(' ');
  const live = `boot=live live-media=/${RAM_MEDIUM} nofstab nonetworking nopersistence oops=panic panic=10`;
  const line = `${disks} ${live} ${identityArgs(settings)} ${own}`;
  const reason = own.includes('${')
    ? 'iPXE would replace `${…}` by a setting of its own'
    : line.length >= COMMAND_LINE_SIZE
      ? `they are ${String(line.length - COMMAND_LINE_SIZE + 1)} bytes too long`
      : null;
  if (reason !== null) {
    throw new BuildError(`The kernel arguments of node \`${name}\` do not fit a network boot: ${reason}.`, {
      exitCode: 3,
    });
  }
  return `#!ipxe
echo Loading the system of ${name} ...
kernel ${kernel} ${line} || goto failed
initrd ${system} || goto failed
initrd ${node} || goto failed
boot || goto failed
:failed
echo The system of ${name} was not loaded; trying again in a minute.
sleep 60
reboot
`;
}
