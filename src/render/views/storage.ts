/**
 * Views of a node's state disk: what to look for, how to partition it, and the mount of `/var`.
 */
import { diskId } from '../ids.ts';
import type { Subject } from './subject.ts';

/** GPT labels of a node's partitions; the id keeps two nodes' disks in one machine apart. */
export function partitionLabels({ cluster, node }: Subject) {
  const id = diskId(cluster.name, node.name);
  return { esp: `esp-${id}`, slotA: `slot-a-${id}`, slotB: `slot-b-${id}`, var: `var-${id}` };
}

/** Empty means: not asked for. */
export function stateDiskView(subject: Subject) {
  const disk = subject.node.stateDisk;
  const bytes = (size: number | null | undefined): string => (size === null || size === undefined ? '' : String(size));
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
    owner: `${subject.cluster.name}/${subject.node.name}`,
    varPartlabel: partitionLabels(subject).var,
  };
}

export const partitionView = (subject: Subject) => ({ labels: partitionLabels(subject) });
