/** Templates for Ceph nodes, and for the use of Ceph in Kubernetes. */
import { servesKubernetes } from '../../config/ceph.ts';
import { hasRole } from '../../config/roles.ts';
import { keyringsOf, keyringView } from '../views/ceph/entities.ts';
import { cephKubernetesView } from '../views/ceph/kubernetes-storage.ts';
import * as views from '../views/ceph/ceph.ts';
import { osdDisksView } from '../views/node/storage.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { clusterFile, nodeFile, nodeFiles, type CatalogEntry } from './entry.ts';

/** The UID of Debian's user `ceph`, which is the same on every system (/usr/share/doc/base-passwd/users-and-groups). */
const CEPH_UID = 64045;

const settings = (): string[] => [...ofCluster('ceph', 'networking.node_cidr'), 'nodes'];

export const cephEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: 'etc/ceph/ceph.conf.ejs',
    format: 'ceph',
    header: false,
    when: views.hasCeph,
    view: views.cephConfView,
    settings,
  }),
  nodeFile({
    template: 'etc/cluster-config/ceph.env.ejs',
    format: 'env',
    header: false,
    when: views.hasCeph,
    view: views.cephEnvView,
    settings,
  }),
  nodeFiles({
    template: 'etc/ceph/entity.keyring.ejs',
    format: 'ceph',
    mode: 0o600,
    owner: CEPH_UID,
    secret: true,
    header: false,
    outputs: (subject) =>
      keyringsOf(subject).map((keyring) => ({
        path: `etc/ceph/${keyring.name}`,
        view: (values) => keyringView(keyring, values),
        settings: keyring.settings,
        ...(keyring.isRoots ? { owner: 0 } : {}),
      })),
  }),
  nodeFile({
    template: 'etc/ceph/dashboard-password.ejs',
    format: 'line',
    mode: 0o600,
    secret: true,
    header: false,
    when: views.isDashboardAdmin,
    view: views.dashboardPasswordView,
    settings: () => ofCluster('ceph.dashboard'),
  }),
  clusterFile({
    template: 'etc/kubernetes/addons/30-ceph.yaml.ejs',
    audience: 'master',
    format: 'yaml',
    mode: 0o600,
    secret: true,
    header: false,
    when: servesKubernetes,
    view: cephKubernetesView,
    settings: () => [...ofCluster('ceph'), 'nodes'],
  }),
  clusterFile({
    template: 'etc/cluster-config/ceph-pools.tsv.ejs',
    audience: 'monitor',
    format: 'word',
    header: false,
    when: ({ ceph }) => ceph !== null,
    view: views.poolsView,
    settings: () => ofCluster('ceph.pools', 'ceph.replicas', 'ceph.min_replicas', 'ceph.cephfs'),
  }),
  nodeFile({
    template: 'etc/cluster-config/osd-disks.tsv.ejs',
    format: 'line',
    header: false,
    when: ({ node }) => hasRole(node, 'ceph-osd') && node.osdDisks.length > 0,
    view: osdDisksView,
    settings: ({ node }) => ofNode(node, 'hardware.osd_disks'),
  }),
];
