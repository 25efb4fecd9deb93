/** Turns a disk selector of the definition into a virtual disk that it matches: QEMU's device, its identity and size. Pure. */
import type { DiskSelector } from '../../config/cluster.ts';

export type DiskBus = 'virtio' | 'scsi' | 'ata' | 'nvme';

export interface DiskDevice {
  readonly bus: DiskBus;
  /** Properties of QEMU's device, e.g. `serial`. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Bytes; enough for both slots and some state. Disks for Ceph are smaller, because a node often has several. */
export const STATE_DISK_SIZE = 20 * 1024 ** 3;
export const OSD_DISK_SIZE = 10 * 1024 ** 3;
/** QEMU cuts serial numbers of virtio-blk and ATA off at this length (VIRTIO_BLK_ID_BYTES; ATA8-ACS). */
const SHORT_SERIAL = 20;
/** Longest product name of a SCSI disk (SPC-4). */
const SHORT_PRODUCT = 16;

/**
 * The device that a selector matches; null when QEMU has no device that can have this identity.
 * @param fallbackSerial serial number when the selector names none, so that each disk has one of its own
 */
export function deviceFor(selector: DiskSelector, fallbackSerial: string): DiskDevice | null {
  const wanted = { ...identityById(selector.byId), ...given(selector) };
  const { known, bus: byIdBus, serial = fallbackSerial, model, wwn } = wanted;
  if (known === false) return null;
  const bus = byIdBus ?? busFor(selector, serial, model);
  if (bus === 'nvme' && (model !== undefined || wwn !== undefined)) return null;
  const rotation = selector.rotational === false ? { rotation_rate: '1' } : {};
  const naming: Readonly<Record<string, string>> =
    model === undefined ? {} : { [bus === 'ata' ? 'model' : 'product']: model };
  const numbered = wwn === undefined ? {} : { wwn: wwn.replace(/^(0x|naa\.)?/i, '0x') };
  const extras = bus === 'scsi' || bus === 'ata' ? { ...naming, ...numbered, ...rotation } : {};
  return { bus, properties: { serial, ...extras } };
}

/** Bytes, within what the selector asks for. */
export function sizeFor({ minSize, maxSize }: DiskSelector, usual: number): number {
  return Math.min(Math.max(usual, minSize ?? 0), maxSize ?? Infinity);
}

interface Identity {
  readonly known?: false;
  readonly bus?: DiskBus;
  readonly serial?: string;
  readonly model?: string;
  readonly wwn?: string;
}

function given({ serial, model, wwn }: DiskSelector): Identity {
  return {
    ...(serial === null ? {} : { serial }),
    ...(model === null ? {} : { model }),
    ...(wwn === null ? {} : { wwn }),
  };
}

/** Reads the identity from a name that udev gives (rules.d/60-persistent-storage.rules). */
function identityById(byId: string | null): Identity {
  if (byId === null) return {};
  const name = byId.replace(/^.*\//, '');
  const [, kind = '', rest = ''] = /^(virtio|wwn|ata|nvme|scsi)-(.+)$/.exec(name) ?? [];
  const [, model = '', serial = ''] = /^(.+)_([^_]+)$/.exec(rest) ?? [];
  if (kind === 'virtio' && rest.length <= SHORT_SERIAL) return { bus: 'virtio', serial: rest };
  if (kind === 'wwn') return { bus: 'scsi', wwn: rest };
  if (kind === 'ata' && serial !== '') return { bus: 'ata', model, serial };
  if (kind === 'nvme' && model === 'QEMU_NVMe_Ctrl') return { bus: 'nvme', serial };
  if (kind === 'scsi' && model === '0QEMU_QEMU_HARDDISK') return { bus: 'scsi', serial };
  return { known: false };
}

function busFor(selector: DiskSelector, serial: string, model: string | undefined): DiskBus {
  if (model !== undefined) return model.length > SHORT_PRODUCT ? 'ata' : 'scsi';
  if (selector.path?.startsWith('/dev/nvme')) return 'nvme';
  const asScsi = selector.wwn !== null || serial.length > SHORT_SERIAL || selector.path?.startsWith('/dev/sd');
  return asScsi || selector.rotational === false ? 'scsi' : 'virtio';
}
