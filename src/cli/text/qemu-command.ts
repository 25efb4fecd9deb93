/** Formats a QEMU command that boots a node's ISO with the hardware of the node's definition. Pure. */
import type { DiskSelector, Node } from '../../config/cluster.ts';

/** Bytes; enough for both slots and some state. */
const DISK_SIZE = 20 * 1024 ** 3;
/** Longest serial number of virtio-blk (QEMU, VIRTIO_BLK_ID_BYTES). */
const VIRTIO_SERIAL = 20;

/** Option that boots by UEFI, with the firmware of Debian and Ubuntu's package `ovmf`. */
export const UEFI_FLAG = '-bios /usr/share/ovmf/OVMF.fd';

/**
 * Shell commands to paste: one creates the state disk if the node has one, one boots.
 * @param iso path for the user's shell
 * @param serialConsole whether the kernel uses the first serial port, so that no window is needed
 * @param accelerator options of QEMU; the default tries KVM, which hangs in a virtual machine with a broken KVM
 * @param processors number of processors that works with this accelerator
 */
export function qemuCommand(
  node: Node,
  iso: string,
  serialConsole: boolean,
  accelerator = '-accel kvm -accel tcg',
  processors = 2,
): string {
  const disk = `${node.name}-state.qcow2`;
  const words = [
    `qemu-system-x86_64 -machine q35 ${accelerator} -smp ${processors} -m 2048`,
    `-cdrom ${quoted(iso)}`,
    ...(node.macs[0] === undefined ? [] : [`-nic user,model=virtio-net-pci,mac=${node.macs[0]}`]),
    ...(node.stateDisk === null ? [] : diskWords(node.stateDisk, disk)),
    ...(serialConsole ? ['-nographic'] : []),
  ];
  const prepare = node.stateDisk === null ? '' : prepareDisk(disk, diskSize(node.stateDisk));
  return prepare + words.join(' \\\n  ');
}

function diskWords(selector: DiskSelector, disk: string): string[] {
  const drive = `-drive if=none,id=state,format=qcow2,file=${disk}`;
  const serial = selector.serial ?? /^virtio-(.+)$/.exec(selector.byId ?? '')?.[1] ?? null;
  const identity = [
    ...(serial === null ? [] : [`serial=${serial}`]),
    ...(selector.wwn === null ? [] : [`wwn=${selector.wwn.replace(/^(0x)?/, '0x')}`]),
  ];
  const isScsi = selector.wwn !== null || (serial ?? '').length > VIRTIO_SERIAL;
  const device = ['-device ' + (isScsi ? 'scsi-hd' : 'virtio-blk-pci'), 'drive=state', ...identity].join(',');
  return [drive, ...(isScsi ? ['-device virtio-scsi-pci'] : []), device];
}

/** Creates the disk only once, so that a second boot finds the state of the first. */
function prepareDisk(disk: string, size: number): string {
  const gib = size / 1024 ** 3;
  return `test -e ${disk} || qemu-img create -q -f qcow2 ${disk} ${Number.isInteger(gib) ? `${gib}G` : size}\n`;
}

function diskSize({ minSize, maxSize }: DiskSelector): number {
  return Math.min(Math.max(DISK_SIZE, minSize ?? 0), maxSize ?? Infinity);
}

function quoted(path: string): string {
  return /^[\w./:@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
