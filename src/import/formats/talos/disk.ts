/** The disk on which Talos installs itself: coldstart's state disk. */
import type { Field } from '../../input/field.ts';
import { Leaf, OutMap } from '../../write/out.ts';

/** A device path. Names like `/dev/sda` are brought; `check` says why another selector is better. */
export function readDiskPath(field: Field): OutMap | undefined {
  const path = field.text();
  if (path === undefined) return undefined;
  const [, id] = /^\/dev\/disk\/by-id\/(.+)$/.exec(path) ?? [];
  if (id !== undefined) return new OutMap({ by_id: new Leaf(id) }, field);
  return new OutMap({ path: new Leaf(path.startsWith('/') ? path : `/dev/${path}`) }, field);
}

const SAME: Readonly<Record<string, string>> = { model: 'model', serial: 'serial', wwid: 'wwn', wwn: 'wwn' };

/** `installDiskSelector` (`InstallDiskSelector` in Talos's v1alpha1_types.go). */
export function readDisk(field: Field): OutMap | undefined {
  const disk = new OutMap({}, field);
  for (const one of field.fields()) {
    const setting = SAME[one.key];
    if (one.key === 'size') readSize(one, disk);
    else if (one.key === 'type') readType(one, disk);
    else if (setting !== undefined) readText(one, setting, disk);
    else
      one.lose(
        'coldstart does not select disks by it',
        'select the disk by `serial` or `wwn`: `lsblk -o NAME,SERIAL,WWN` shows them',
      );
  }
  return disk.entries.size === 0 ? undefined : disk;
}

function readText(field: Field, setting: string, disk: OutMap): void {
  const text = field.text();
  if (text === undefined) return;
  if (/[*?[]/.test(text)) field.lose('coldstart compares the whole text', 'write it out as `lsblk` shows it');
  else
    disk.put(
      [setting],
      new Leaf(
        text.replace(/^(naa|nvme-)?\.?(eui\.|0x)?/, (all) => (/^naa\./.test(all) ? '0x' : all)),
        field,
      ),
    );
}

function readSize(field: Field, disk: OutMap): void {
  const text = field.text() ?? '';
  const [, operator = '', count, unit = ''] =
    /^\s*(<=|>=|<|>|==)?\s*(\d+(?:\.\d+)?)\s*([kKMGTP]?i?)B?\s*$/.exec(text) ?? [];
  if (count === undefined)
    return field.lose('coldstart does not know this size', 'write `min_size` and `max_size`, e.g. "40G"');
  const size = inUnits(Number(count), unit, operator.startsWith('<') ? Math.ceil : Math.floor);
  if (!operator.startsWith('<')) disk.put(['min_size'], new Leaf(size, field));
  if (!operator.startsWith('>')) disk.put(['max_size'], new Leaf(size, field));
}

/** A size of Talos as one of coldstart's; undefined if it is none. */
export function sizeOf(text: string): string | undefined {
  const [, count, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kKMGTP]?i?)B?\s*$/.exec(text) ?? [];
  return count === undefined || Number(count) === 0 ? undefined : inUnits(Number(count), unit, Math.floor);
}

/** Talos's sizes are powers of 1000 without an `i` (`humanize.ParseBytes`); coldstart's are powers of 1024. */
function inUnits(count: number, unit: string, round: (value: number) => number): string {
  const power = 'kMGTP'.indexOf(unit.charAt(0).replace('K', 'k')) + 1;
  const base = unit.endsWith('i') ? 1024 : 1000;
  const bytes = count * base ** (unit === '' ? 0 : power);
  const [size = 1, letter = ''] = ([[1024 ** 3, 'G'], [1024 ** 2, 'M'], [1, '']] as const).find(([least]) => bytes >= 10 * least) ?? []; // prettier-ignore
  return `${round(bytes / size)}${letter}`;
}

function readType(field: Field, disk: OutMap): void {
  const type = field.text();
  if (type === 'hdd') disk.put(['rotational'], new Leaf(true, field));
  else if (type === 'ssd') disk.put(['rotational'], new Leaf(false, field));
  else if (type === 'nvme') {
    disk.put(['rotational'], new Leaf(false, field));
    field.lose(
      'coldstart selects no disks by their transport; it takes any disk that does not rotate',
      'select the disk by `serial`, `wwn` or `model`, if the machine has other such disks',
    );
  } else
    field.lose(
      'coldstart does not select disks by it',
      'select the disk by `serial` or `wwn`: `lsblk -o NAME,SERIAL,WWN` shows them',
    );
}
