/**
 * Views of a node's state disk: what to look for, how to partition it, and the mount of `/var`.
 */
import type { DiskSelector, Node } from '../../../config/cluster.ts';
import { isMember } from '../../../config/roles.ts';
import { diskId } from '../../plan/ids.ts';
import type { Subject } from '../subject.ts';

/** GPT labels of a node's partitions; the id keeps two nodes' disks in one machine apart. */
function partitionLabels({ cluster, node }: Subject) {
  const id = diskId(cluster.name, node.name);
  return { esp: `esp-${id}`, slotA: `slot-a-${id}`, slotB: `slot-b-${id}`, var: `var-${id}` };
}

/** Such a node needs a file system in memory for containerd, as its root is an overlay: var-lib-containerd.mount. */
export const keepsContainersInMemory = (node: Node): boolean => isMember(node) && node.stateDisk === null;

const bytes = (size: number | null | undefined): string => (size === null || size === undefined ? '' : String(size));

/** Empty means: not asked for. */
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
    varPartlabel: partitionLabels(subject).var,
  };
}

export const partitionView = (subject: Subject) => ({ labels: partitionLabels(subject) });

/** A row for each selector; `-` stands for what it does not ask for, as an empty field of a table is easily lost. */
export const osdDisksView = ({ node }: Subject) => ({
  rows: node.osdDisks.map((disk) => {
    const { byId, wwn, serial, model, path, minSize, maxSize, rotational } = selectorView(disk);
    return [byId, wwn, serial, model, path, minSize, maxSize, rotational].map((field) => (field === '' ? '-' : field));
  }),
});
