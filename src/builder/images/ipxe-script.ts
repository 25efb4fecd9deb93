/** The script with which iPXE boots a node: https://ipxe.org/scripting */
import { RAM_MEDIUM } from './ramdisk.ts';

/** Names of the files beside the script; a script's relative names are relative to its own address. */
export const PXE_FILES = {
  script: 'boot.ipxe',
  kernel: 'vmlinuz',
  system: 'system.img',
  /** The only file with secrets, and the last one that iPXE loads. */
  node: 'node.img',
} as const;

/** As in `scripts/base-layer/grub.cfg`, but the layers are in memory. `toram` would copy them to memory once more. */
export function ipxeScript(name: string, kernelArgs: readonly string[]): string {
  const { kernel, system, node } = PXE_FILES;
  const disks = `initrd=${system} initrd=${node}`; // for UEFI, where the kernel asks the boot loader for its RAM disks
  const own = kernelArgs.filter((argument) => argument !== 'toram').join(' ');
  const live = `boot=live live-media=/${RAM_MEDIUM} nofstab nonetworking nopersistence oops=panic panic=10`;
  return `#!ipxe
echo Loading the system of ${name} ...
kernel ${kernel} ${disks} ${live} coldstart.node=${name} ${own} || goto failed
initrd ${system} || goto failed
initrd ${node} || goto failed
boot || goto failed
:failed
echo The system of ${name} was not loaded; trying again in a minute.
sleep 60
reboot
`;
}
