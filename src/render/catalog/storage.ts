/** Templates for the state of a node: on its state disk, or in memory. */
import { keepsContainersInMemory, partitionView, stateDiskView } from '../views/node/storage.ts';
import { ofNode, type Subject } from '../views/subject.ts';
import { nodeFile, type CatalogEntry } from './entry.ts';

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

export const storageEntries: readonly CatalogEntry[] = [
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
