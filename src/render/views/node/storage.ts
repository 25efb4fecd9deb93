/** Views of a node's state disk: its selector, its partitions, and the mount of `/var`. */
import type { DiskSelector, Node } from '../../../config/cluster.ts';
import { isMember } from '../../../config/roles.ts';
import { diskId } from '../../plan/ids.ts';
import type { Subject } from '../subject.ts';

/** GPT labels of a node's partitions; the id distinguishes the disks of two nodes in one machine. */
function partitionLabels({ cluster, node }: Subject) {
  const id = diskId(cluster.name, node.name);
  return { bios: `bios-${id}`, esp: `esp-${id}`, slotA: `slot-a-${id}`, slotB: `slot-b-${id}`, var: `var-${id}` };
}

/**
 * Such a node needs a file system in memory for containerd, because its root is an overlay: var-lib-containerd.mount.
 */
export const keepsContainersInMemory = (node: Node): boolean => isMember(node) && node.stateDisk === null;

const bytes = (size: number | null | undefined): string => (size === null || size === undefined ? '' : String(size));

/** An empty field means: no condition. */
function selectorView(disk: DiskSelector | null) {
  const yesNo = disk?.rotational === true ? 'yes' : 'no';
  return {
    byId: disk?.byId ?? '',
    wwn: disk?.wwn ?? '',
    serial: disk?.serial ?? '',
    model: disk?.model ?? '',
    path: disk?.path ?? '',
    minSize: bytes(disk?.minSize),
    maxSize: bytes(disk?.maxSize),
    rotational: (disk?.rotational ?? null) === null ? '' : yesNo,
  };
}

export function stateDiskView(subject: Subject) {
  const disk = subject.node.stateDisk;
  return {
    ...selectorView(disk),
    owner: `${subject.cluster.name}/${subject.node.name}`,
    labels: partitionLabels(subject),
    install: subject.cluster.image.install ? 'yes' : 'no',
  };
}

export const partitionView = (subject: Subject) => ({ labels: partitionLabels(subject) });

/** A row for each selector; `-` means no condition, because an empty field of a table is easily lost. */
export const osdDisksView = ({ node }: Subject) => ({
  rows: node.osdDisks.map((disk) => {
    const { byId, wwn, serial, model, path, minSize, maxSize, rotational } = selectorView(disk);
    return [byId, wwn, serial, model, path, minSize, maxSize, rotational].map((field) => (field === '' ? '-' : field));
  }),
});
