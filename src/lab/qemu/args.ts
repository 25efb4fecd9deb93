/** The command line of QEMU for one machine, as the lab and the boot tests start it. Pure. */
import type { DiskBus, DiskDevice } from './disks.ts';

interface MachineSpec {
  /** From `acceleratorArgs`. */
  readonly accelerator: readonly string[];
  readonly processors: number;
  /** MiB. */
  readonly memory: number;
  /** From `firmwareArgs`. */
  readonly firmware: readonly string[];
  /** Null for a machine that boots from the network. */
  readonly iso: string | null;
  /** As a USB stick instead of a CD. */
  readonly usb?: boolean;
  /** Images on USB sticks from which the machine does not boot. Linux finds them before a stick from which it does. */
  readonly otherSticks?: readonly string[];
  readonly disks: readonly AttachedDisk[];
  readonly nics: readonly { readonly mac: string; readonly backend: string }[];
  /** The socket of the first serial port, e.g. `path=/run/serial,server=off`. */
  readonly serial: string;
  /** The socket of the machine protocol (QMP), if any. */
  readonly control?: string;
  /** A reboot ends QEMU instead. */
  readonly endsOnReboot: boolean;
  readonly name?: string;
}

interface AttachedDisk {
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
  readonly device: DiskDevice;
}

/** A comma in a value is written twice (qemu-options.hx). */
export const quoted = (value: string): string => value.replaceAll(',', ',,');

export function machineArgs(spec: MachineSpec): string[] {
  const { name, control } = spec;
  return [
    ...spec.accelerator,
    ...['-smp', String(spec.processors)],
    ...['-m', String(spec.memory)],
    ...['-display', 'none'],
    ...['-monitor', 'none'],
    ...(spec.endsOnReboot ? ['-no-reboot'] : []),
    ...(name === undefined ? [] : ['-name', quoted(name)]),
    ...spec.firmware,
    ...mediumArgs(spec),
    ...disksArgs(spec.disks),
    ...spec.nics.flatMap(({ mac, backend }, index) => [
      ...['-netdev', withId(backend, `net${index}`)],
      ...['-device', `virtio-net-pci,netdev=net${index},mac=${mac}`],
    ]),
    ...(spec.nics.length === 0 ? ['-nic', 'none'] : []),
    ...['-chardev', `socket,id=serial,${spec.serial}`, '-serial', 'chardev:serial'],
    ...(control === undefined
      ? []
      : ['-chardev', `socket,id=control,${control}`, '-mon', 'chardev=control,mode=control']),
  ];
}

/** The type of a backend has to be its first option. */
function withId(backend: string, id: string): string {
  const [kind = '', ...options] = backend.split(',');
  return [kind, `id=${id}`, ...options].join(',');
}

function mediumArgs({ iso, usb = false, otherSticks = [] }: MachineSpec): string[] {
  const sticks = otherSticks.flatMap((path, index) => stickArgs(`other${index}`, path));
  if (iso !== null && usb) sticks.push(...stickArgs('stick', iso, ',bootindex=0'));
  const cd = iso === null || usb ? [] : cdArgs(iso, sticks.length > 0);
  return [...cd, ...(sticks.length === 0 ? [] : ['-device', 'qemu-xhci']), ...sticks];
}

/** @param isAsked whether firmware would take another medium first */
function cdArgs(iso: string, isAsked: boolean): string[] {
  const drive = `file=${quoted(iso)},media=cdrom,format=raw,readonly=on`;
  return isAsked ? ['-drive', `if=none,id=cd,${drive}`, '-device', 'ide-cd,drive=cd,bootindex=0'] : ['-drive', drive];
}

const stickArgs = (id: string, path: string, options = ''): string[] => [
  ...['-drive', `if=none,id=${id},file=${quoted(path)},format=raw,readonly=on`],
  ...['-device', `usb-storage,drive=${id}${options}`],
];

/** Devices, and the controllers that they need. */
const DRIVERS: Readonly<Record<DiskBus, { readonly device: string; readonly controller?: string }>> = {
  virtio: { device: 'virtio-blk-pci' },
  nvme: { device: 'nvme' },
  scsi: { device: 'scsi-hd', controller: 'virtio-scsi-pci,id=scsi' },
  ata: { device: 'ide-hd', controller: 'ich9-ahci,id=ata' },
};

function disksArgs(disks: readonly AttachedDisk[]): string[] {
  const controllers = [...new Set(disks.flatMap(({ device }) => DRIVERS[device.bus].controller ?? []))];
  const ata = disks.filter(({ device }) => device.bus === 'ata');
  return [
    ...controllers.flatMap((controller) => ['-device', controller]),
    ...disks.flatMap((disk, index) => {
      const { bus, properties } = disk.device;
      const place = { virtio: [], nvme: [], scsi: ['bus=scsi.0'], ata: [`bus=ata.${ata.indexOf(disk)}`] }[bus];
      const identity = Object.entries(properties).map(([name, value]) => `${name}=${quoted(value)}`);
      return [
        ...['-drive', `if=none,id=disk${index},file=${quoted(disk.path)},format=${disk.format},cache=writeback`],
        ...['-device', [DRIVERS[bus].device, `drive=disk${index}`, ...place, ...identity].join(',')],
      ];
    }),
  ];
}
