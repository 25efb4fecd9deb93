/** Templates for the state of a node: on its state disk, or in memory. */
import { escapePath } from '../../config/systemd/unit-name.ts';
import {
  dataDisksView,
  dataMountsView,
  dataPartitions,
  keepsContainersInMemory,
  partitionView,
  stateDiskView,
} from '../views/node/storage.ts';
import { ofNode, type Subject } from '../views/subject.ts';
import { nodeFile, nodeFiles, type CatalogEntry } from './entry.ts';

const hasStateDisk = ({ node }: Subject): boolean => node.stateDisk !== null;
const settings = ({ node }: Subject): string[] => ofNode(node, 'hardware.state_disk');
const partition = (name: string): CatalogEntry =>
  nodeFile({
    template: `etc/repart.d/${name}.conf.ejs`,
    format: 'unit',
    when: hasStateDisk,
    view: partitionView,
    settings,
  });

const hasDataDisks = ({ node }: Subject): boolean => node.dataDisks.length > 0;
const dataSettings = ({ node }: Subject): string[] => ofNode(node, 'hardware.data_disks');
const dataTable = (name: string, view: (subject: Subject) => object): CatalogEntry =>
  nodeFile({
    template: `etc/cluster-config/${name}.tsv.ejs`,
    format: 'line',
    header: false,
    when: hasDataDisks,
    view,
    settings: dataSettings,
  });

const dataDiskEntries: readonly CatalogEntry[] = [
  dataTable('data-disks', dataDisksView),
  dataTable('data-mounts', dataMountsView),
  nodeFiles({
    template: 'etc/cluster-config/data-disks/partition.conf.ejs',
    format: 'unit',
    outputs: (subject) =>
      dataPartitions(subject).map((part) => ({
        path: part.definition,
        view: () => part,
        settings: dataSettings(subject),
      })),
  }),
  nodeFiles({
    template: 'etc/systemd/system/data.mount.ejs',
    format: 'unit',
    outputs: (subject) =>
      dataPartitions(subject).map((part) => ({
        path: `etc/systemd/system/${escapePath(part.mount)}.mount`,
        view: () => part,
        settings: dataSettings(subject),
      })),
  }),
];

export const storageEntries: readonly CatalogEntry[] = [
  ...dataDiskEntries,
  nodeFile({
    template: 'etc/cluster-config/state-disk.env.ejs',
    format: 'env',
    when: hasStateDisk,
    view: stateDiskView,
    settings,
  }),
  // systemd-repart places partitions in the order of the files' names.
  ...['05-bios', '10-esp', '20-slot-a', '30-slot-b', '40-var'].map(partition),
  nodeFile({
    template: 'etc/systemd/system/var.mount.ejs',
    format: 'unit',
    when: hasStateDisk,
    view: partitionView,
    settings,
  }),
  nodeFile({
    template: 'etc/systemd/system/var-lib-containerd.mount.ejs',
    format: 'unit',
    when: ({ node }) => keepsContainersInMemory(node),
    view: () => ({}),
    settings,
  }),
  nodeFile({
    template: 'etc/systemd/journald.conf.d/10-coldstart.conf.ejs',
    format: 'unit',
    when: (subject) => !hasStateDisk(subject),
    view: () => ({}),
    settings,
  }),
];
