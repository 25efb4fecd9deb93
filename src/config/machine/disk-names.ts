/**
 * Names of disks: which of them are globally unique, and which do not name a whole disk (udev's 60-persistent-storage.rules;
 * systemd.device(5); lsblk(8)).
 */
import type { DiskSelector } from '../node.ts';

interface Identity {
  readonly kind: 'WWN' | 'serial number' | 'name in `by-id`';
  /** The setting. */
  readonly key: 'wwn' | 'serial' | 'by_id';
  readonly value: string;
  /** Whether the maker guarantees that the value is unique. Values of virtual machines are chosen freely. */
  readonly isUnique: boolean;
}

/** The values of a selector that identify a disk. */
export function identitiesOf({ byId, wwn, serial, path }: DiskSelector): readonly Identity[] {
  const link = byId ?? /^\/dev\/disk\/by-id\/(.+)$/.exec(path ?? '')?.[1] ?? null;
  return [
    ...(wwn === null ? [] : [{ kind: 'WWN', key: 'wwn', value: plainWwn(wwn), isUnique: true } as const]),
    ...(serial === null || isMadeUp(serial)
      ? []
      : [{ kind: 'serial number', key: 'serial', value: serial, isUnique: false } as const]),
    ...(link === null ? [] : ofLink(link)),
  ];
}

function ofLink(link: string): readonly Identity[] {
  const wwn = /^wwn-(.+)$/.exec(link)?.[1];
  if (wwn !== undefined) return [{ kind: 'WWN', key: 'by_id', value: plainWwn(wwn), isUnique: true }];
  const isVirtual = /^virtio-|QEMU|VBOX|VMware|Virtual|Msft/i.test(link);
  return isVirtual ? [] : [{ kind: 'name in `by-id`', key: 'by_id', value: link, isUnique: true }];
}

/** The form that disk-find.jq compares. */
const plainWwn = (wwn: string): string => wwn.toLowerCase().replace(/^(0x|naa\.)/, '');

/** Serial numbers of real disks have capitals and digits; those of virtual disks are like `QM00001` (QEMU) and `state`. */
const isMadeUp = (serial: string): boolean => /[a-z]/.test(serial) || /^QM\d{5}$/.test(serial);

/** A setting that does not name a whole disk, with the reason as the end of a sentence. */
interface NoDisk {
  readonly key: 'by_id' | 'path';
  readonly name: string;
  readonly reason: string;
}

/** Partitions, mapped devices and arrays are refused. Loop devices are accepted, for laboratories. */
export function whyNoDisk({ byId, path }: DiskSelector): NoDisk | undefined {
  if (byId !== null) {
    const reason = byId.includes('/') ? 'it is not the name of a link below `/dev/disk/by-id/`' : whyNoLink(byId);
    if (reason !== undefined) return { key: 'by_id', name: byId, reason };
  }
  const reason = path === null ? undefined : whyNoPath(path);
  return reason === undefined || path === null ? undefined : { key: 'path', name: path, reason };
}

function whyNoLink(link: string): string | undefined {
  if (/-part\d+$/.test(link)) return 'it is a partition';
  return /^(dm|md|lvm)-/.test(link) ? 'it is a virtual device on top of disks' : undefined;
}

function whyNoPath(path: string): string | undefined {
  if (!path.startsWith('/dev/')) return 'devices are below `/dev`';
  const link = /^\/dev\/disk\/by-(id|path)\/(.+)$/.exec(path)?.[2];
  if (link !== undefined) return whyNoLink(link);
  if (/^\/dev(\/disk)?(\/by-[a-z]+)?\/?$/.test(path)) return 'it is a folder';
  if (/^\/dev\/nvme\d+$/.test(path)) return 'it is the controller; its first disk ends in `n1`';
  if (/^\/dev\/disk\/by-(uuid|label|partuuid|partlabel|partsets)\//.test(path)) {
    return 'it names a file system or a partition, but nodes use only disks without either';
  }
  if (/^\/dev\/(([shv]|xv)d[a-z]+|(nvme\d+n|mmcblk|nbd|loop)\d+p)\d+$/.test(path)) return 'it is a partition';
  if (/^\/dev\/(mapper\/|dm-|md)/.test(path)) return 'it is a virtual device on top of disks';
  return /^\/dev\/(sr|sg|fd|ram|zram|null|zero|tty|cdrom|dvd|loop-control|bsg\/|bus\/)/.test(path)
    ? 'it is a device of another kind'
    : undefined;
}
