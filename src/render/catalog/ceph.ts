/** Templates of what Ceph is to make; what holds its id or keys comes from the store (`src/pki/ceph-files.ts`). */
import { poolsView } from '../views/ceph.ts';
import { osdDisksView } from '../views/storage.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { clusterFile, nodeFile, type CatalogEntry } from './entry.ts';

export const cephEntries: readonly CatalogEntry[] = [
  clusterFile({
    template: 'etc/cluster-config/ceph-pools.tsv.ejs',
    audience: 'monitor',
    format: 'word',
    header: false,
    when: ({ ceph }) => ceph !== null,
    view: poolsView,
    settings: () => ofCluster('ceph.pools', 'ceph.replicas', 'ceph.min_replicas', 'ceph.cephfs'),
  }),
  nodeFile({
    template: 'etc/cluster-config/osd-disks.tsv.ejs',
    format: 'line',
    header: false,
    when: ({ node }) => node.roles.includes('ceph-osd') && node.osdDisks.length > 0,
    view: osdDisksView,
    settings: ({ node }) => ofNode(node, 'hardware.osd_disks'),
  }),
];
