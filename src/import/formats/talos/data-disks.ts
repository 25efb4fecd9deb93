/** Further disks: `machine.disks` of Talos, `machineDisks` of talhelper, and `UserVolumeConfig`. They become data disks. */
import type { Field } from '../../input/field.ts';
import type { NodeDraft } from '../../model.ts';
import { Leaf, leaf, OutList, OutMap } from '../../write/out.ts';
import { readDiskPath, sizeOf } from './disk.ts';

type Nodes = readonly NodeDraft[];

const BY_SERIAL =
  'select the disk in `hardware.data_disks` by `serial` or `wwn`: `lsblk -o NAME,SERIAL,WWN` shows them';

/** `machine.disks`: whole disks with partitions, which Talos formats with XFS. */
export function readMachineDisks(field: Field | undefined, nodes: Nodes): void {
  for (const item of field?.items() ?? []) {
    const device = item.get('device');
    const disk = device && readDiskPath(device);
    const partitions = (item.get('partitions')?.items() ?? []).flatMap((one) => partitionOf(one) ?? []);
    if (!disk || partitions.length === 0) {
      item.lose('it names no disk, or no partition with a mount point', BY_SERIAL);
      continue;
    }
    for (const node of nodes)
      node.dataDisks.push(dataDisk(`data-${String(node.dataDisks.length + 1)}`, disk, partitions, item));
  }
}

function partitionOf(field: Field): OutMap | undefined {
  const mount = leaf(field.get('mountpoint')?.said());
  return mount && partition(mount, 'xfs', field.get('size'), field);
}

function partition(mount: Leaf, filesystem: string, size: Field | undefined, from: Field): OutMap {
  const text = size?.text();
  const bytes = text === undefined ? undefined : sizeOf(text);
  if (size && text !== undefined && bytes === undefined && text !== '0')
    size.lose(
      'coldstart does not know this size',
      'write `size`, e.g. "40G"; without it, the partition takes the rest',
    );
  return new OutMap(
    {
      mount,
      filesystem: new Leaf(filesystem),
      size: bytes === undefined ? undefined : new Leaf(bytes, size),
    },
    from,
  );
}

const dataDisk = (name: string, disk: OutMap, partitions: readonly OutMap[], from: Field): OutMap =>
  new OutMap({ name: new Leaf(name), disk, partitions: new OutList(partitions) }, from);

/** A user volume, as a document or in talhelper's `userVolumes`: Talos mounts it below `/var/mnt`. */
export function readUserVolume(field: Field, nodes: Nodes): void {
  const name = field.get('name')?.text();
  const type = field.get('volumeType')?.text();
  field.get('filesystem', 'projectQuotaSupport')?.skip('XFS has it when a program asks for it');
  if (name === undefined) return field.lose('it has no name', BY_SERIAL);
  if (type === 'directory') return field.skip('it is a folder on the state disk, which programs make themselves');
  const match = field.get('provisioning', 'diskSelector', 'match');
  const unknown = match && unknownTerm(match);
  const disk = match && unknown === undefined ? selected(match) : undefined;
  if (!disk) {
    const reason = unknown !== undefined ? `coldstart does not select disks by \`${unknown}\`` : match ? 'any disk would fit' : 'it names no disk';
    return field.lose(reason, BY_SERIAL, `UserVolumeConfig ${name}`);
  }
  if (field.get('encryption')) return field.lose('coldstart encrypts no disks', 'use a disk that encrypts itself', `UserVolumeConfig ${name}`);
  const maximum = field.get('provisioning', 'grow')?.plain() === true ? undefined : field.get('provisioning', 'maxSize');
  for (const key of ['minSize', 'grow', ...(maximum === undefined ? ['maxSize'] : [])])
    field.get('provisioning', key)?.skip('a partition has its `size`, or the rest of the disk');
  const filesystem = field.get('filesystem', 'type')?.text() ?? 'xfs';
  const whole = partition(new Leaf(`/var/mnt/${name}`), filesystem, maximum, field);
  for (const node of nodes) node.dataDisks.push(dataDisk(name, disk, [whole], field));
} // prettier-ignore

const SAME: Readonly<Record<string, string>> = { serial: 'serial', wwid: 'wwn', model: 'model', dev_path: 'path' };

/** The comparisons of an expression of CEL, with `&&` between them. */
const termsOf = (field: Field): readonly string[] =>
  (field.text() ?? '').split('&&').map((term) => term.trim().replace(/^\((.*)\)$/, '$1'));

/** The first comparison that coldstart cannot say. */
const unknownTerm = (field: Field): string | undefined =>
  termsOf(field).find((term) => !putTerm(term, new OutMap(), field));

/** A disk by an expression; undefined if it would be any disk. */
function selected(field: Field): OutMap | undefined {
  const disk = new OutMap({}, field);
  for (const term of termsOf(field)) putTerm(term, disk, field);
  return disk.entries.size > 0 ? disk : undefined;
}

function putTerm(term: string, disk: OutMap, from: Field): boolean {
  // A data disk is never the state disk.
  if (/^(!\s*(disk\.)?system_disk|(disk\.)?system_disk\s*==\s*false)$/.test(term)) return true;
  const [, not, is] = /^(!)?\s*disk\.rotational(?:\s*==\s*(true|false))?$/.exec(term) ?? [];
  if (/^!?\s*disk\.rotational/.test(term) && (not === undefined || is === undefined))
    return put(disk, 'rotational', new Leaf(not === undefined && is !== 'false', from));
  const [, link] = /^["'](\/dev\/[^"']+)["']\s+in\s+disk\.symlinks$/.exec(term) ?? [];
  if (link !== undefined) {
    const [, id] = /^\/dev\/disk\/by-id\/(.+)$/.exec(link) ?? [];
    return put(disk, id === undefined ? 'path' : 'by_id', new Leaf(id ?? link, from));
  }
  const [, key = '', value] = /^disk\.(\w+)\s*==\s*["']([^"']+)["']$/.exec(term) ?? [];
  const setting = SAME[key];
  if (setting !== undefined && value !== undefined)
    return put(disk, setting, new Leaf(value.replace(/^naa\./, '0x'), from));
  const [, operator = '', count = '', unit = ''] = /^disk\.size\s*(>=?|<=?)\s*(\d+)u?\s*\*\s*([KMGTP]i?)B$/.exec(term) ?? [];
  const size = sizeOf(`${count}${unit}B`);
  return size !== undefined && put(disk, operator.startsWith('<') ? 'max_size' : 'min_size', new Leaf(size, from));
} // prettier-ignore

function put(disk: OutMap, key: string, value: Leaf): boolean {
  disk.put([key], value);
  return true;
}
