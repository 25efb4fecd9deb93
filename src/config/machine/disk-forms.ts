/**
 * Disk selectors that match no disk: values in a format that udev never uses, and values that exclude each other
 * (udev's 60-persistent-storage.rules; scsi_id(8); systemd, ata_id.c; kernel, drivers/nvme/host/sysfs.c, `wwid_show`).
 */
import type { DiskSelector } from '../node.ts';

type Key = 'by_id' | 'wwn' | 'serial' | 'path' | 'min_size' | 'rotational';

/** A setting that no disk matches; the reason ends a sentence. */
interface Unfit {
  readonly key: Key;
  readonly value: string;
  readonly reason: string;
}

/** NAA and EUI-64 have 16 or 32 digits. The WWN of NVMe disks without them has the maker, serial number and model. */
const WWN =
  /^((0x|naa\.|eui\.)?([0-9a-f]{16}|[0-9a-f]{32})|nvme\.[0-9a-f]{4}-[0-9a-f]+-[0-9a-f]+-[0-9a-f]{8}|uuid\.[0-9a-f-]{36})$/i;
const WWN_LINK = /^wwn-(?!0x([0-9a-f]{16}|[0-9a-f]{32})$)/i;
const KERNEL_NAME = /^(([shv]|xv)d[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;

/** 1 PiB: larger than any disk, and the maximum of volumes of storage systems. */
const MOST_BYTES = 1024 ** 5;

/** The setting of a selector that no disk can match; undefined if a disk may match. */
export function whyUnfit({ byId, wwn, serial, path, minSize, rotational }: DiskSelector): Unfit | undefined {
  const link = byId ?? path?.replace('/dev/disk/by-id/', '') ?? '';
  const isNvme = /^(nvme-|\/dev\/nvme)/.test(link);
  const reasons: readonly (readonly [Key, value: unknown, reason: string | undefined])[] = [
    ['wwn', wwn, wwn === null ? undefined : whyNoWwn(wwn, linkWwn(link))],
    ['by_id', byId, byId === null ? undefined : whyNoLinkName(byId)],
    ['path', path, path === null ? undefined : whyPattern(path)],
    ['serial', serial, serial === null ? undefined : whyNoSerial(serial)],
    [
      'min_size',
      `${(minSize ?? 0) / MOST_BYTES}P`,
      (minSize ?? 0) > MOST_BYTES ? 'no disk is larger than 1 PiB' : undefined,
    ],
    ['rotational', rotational, rotational === true && isNvme ? 'no disk of NVMe rotates' : undefined],
  ];
  const [key, value, reason] = reasons.find((one) => one[2] !== undefined) ?? [];
  return key === undefined || reason === undefined ? undefined : { key, value: String(value), reason };
}

function whyNoWwn(wwn: string, ofLink: string | undefined): string | undefined {
  if (!WWN.test(wwn))
    return 'a WWN is `0x` and 16 or 32 hexadecimal digits, or begins with `eui.` or `nvme.` on a disk of NVMe';
  return ofLink === undefined || ofLink === digits(wwn) ? undefined : 'the link beside it has another WWN';
}

const digits = (wwn: string): string => wwn.toLowerCase().replace(/^(0x|naa\.)/, '');

const linkWwn = (link: string): string | undefined => /^wwn-0x([0-9a-f]+)$/i.exec(link)?.[1]?.toLowerCase();

/** udev replaces blanks by `_`, and each name starts with the bus. */
function whyNoLinkName(link: string): string | undefined {
  if (WWN_LINK.test(link)) return 'such a link is `wwn-0x` and 16 or 32 hexadecimal digits';
  if (KERNEL_NAME.test(link))
    return 'it is the name of the kernel; links in `by-id` begin with `ata-`, `nvme-`, `scsi-`, `wwn-` or the like';
  return /\s/.test(link) ? 'links in `by-id` have `_` where a model has a blank' : whyPattern(link);
}

const whyNoSerial = (serial: string): string | undefined =>
  serial.startsWith('0x') ? 'it looks like a WWN, which `wwn` is for' : whyPattern(serial.replaceAll(/[^*]/g, ''));

/** udev replaces these characters by `_` (libudev, `udev_replace_chars`), so only the pattern of a shell has them. */
const whyPattern = (name: string): string | undefined =>
  /[*[\]{}]/.test(name) ? 'nodes compare the whole name, without patterns' : undefined;

/** Why a text is probably not a serial number, as the end of a sentence: udev replaces blanks inside by `_`. */
export const whyDoubtfulSerial = (serial: string): string | undefined =>
  /\s/.test(serial) ? 'udev puts `_` for the blanks in a serial number' : undefined;
