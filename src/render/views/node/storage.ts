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
export const keepsContainersInMemory = (node: Node): boolean =>
  isMember(node) && node.stateDisk === null && !mountsOf(node).includes('/var/lib/containerd');

const mountsOf = (node: Node): readonly string[] =>
  node.dataDisks.flatMap(({ partitions }) => partitions.map(({ mount }) => mount));

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

/** The columns of a selector; `-` means no condition, because an empty field of a table is easily lost. */
function selectorRow(disk: DiskSelector): readonly string[] {
  const { byId, wwn, serial, model, path, minSize, maxSize, rotational } = selectorView(disk);
  return [byId, wwn, serial, model, path, minSize, maxSize, rotational].map((field) => (field === '' ? '-' : field));
}

export const osdDisksView = ({ node }: Subject) => ({ rows: node.osdDisks.map(selectorRow) });

/** A partition of a data disk. */
interface DataPartition {
  readonly disk: string;
  /** Of GPT, at most 36 characters. */
  readonly label: string;
  readonly mount: string;
  readonly filesystem: 'ext4' | 'xfs';
  /** In bytes; null for a part of the rest. */
  readonly size: number | null;
  /** Where systemd-repart finds its definition: the parts of a disk are made in the order of their names. */
  readonly definition: string;
}

/** The partitions of a node's data disks. Their labels follow from the disk's name and their number, so that a mount point may change. */
export const dataPartitions = ({ cluster, node }: Subject): readonly DataPartition[] =>
  node.dataDisks.flatMap(({ name, partitions }) =>
    partitions.map(({ mount, filesystem, size }, index) => {
      const number = String(index + 1).padStart(2, '0');
      const label = `data-${diskId(cluster.name, `${node.name}/${name}`)}-${number}`;
      const definition = `etc/cluster-config/data-disks/${name}/${number}.conf`;
      return { disk: name, label, mount, filesystem, size, definition };
    }),
  );

export const dataDisksView = ({ node }: Subject) => ({
  rows: node.dataDisks.map(({ name, disk }) => [name, ...selectorRow(disk)]),
});

export const dataMountsView = (subject: Subject) => ({
  rows: dataPartitions(subject).map(({ disk, label, filesystem, mount }) => [disk, label, filesystem, mount]),
});
