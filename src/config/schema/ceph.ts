/** Settings of Ceph. */
import * as z from 'zod';
import { cidr, name, size } from './forms.ts';
import { url } from './names.ts';
import { group, matching, oneOrMany } from './scalar.ts';
import { CEPH_CSI_URL } from '../support.ts';

const poolName = matching('a pool name of letters, digits, `-`, `_` and dots', /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, [
  'kubernetes',
]);

const replicas = z.int().min(1).max(10);

export const pool = group('a pool', {
  name: poolName.describe('Name of the pool.'),
  application: z.enum(['rbd', 'cephfs']).prefault('rbd').describe('What it is used for.'),
  replicas: replicas.optional().describe('Copies of each object. Default: `ceph.replicas`.'),
});

export const clusterCeph = group('the ceph settings', {
  public_cidr: oneOrMany(cidr)
    .optional()
    .describe('Network of monitors and clients, or a list. Default: the networks of the nodes with roles of Ceph.'),
  cluster_cidr: oneOrMany(cidr).optional().describe('Network of replication. Default: `public_cidr`.'),
  replicas: replicas.optional().describe('Copies of each object. Default: the number of hosts with OSDs, at most 3.'),
  min_replicas: replicas
    .optional()
    .describe('Copies that must be available for writing. Default: one less than `replicas`, at least 1.'),
  failure_domain: z
    .enum(['host', 'osd'])
    .prefault('host')
    .describe('Two copies of an object are never in the same `host`, or never on the same `osd`.'),
  encryption_on_wire: z.boolean().prefault(false).describe('Whether traffic between daemons is encrypted.'),
  dashboard: z.boolean().prefault(false).describe('Whether the dashboard is enabled.'),
  osd_memory_target: size
    .optional()
    .describe('Memory that one OSD should use, e.g. `"4G"`. Default: depends on the node\'s memory.'),
  admin_nodes: z.array(name).optional().describe('Nodes that hold the admin key. Default: those with `ceph-mon`.'),
  pools: z
    .array(pool)
    .optional()
    .describe('Pools to create. Default: the pool `kubernetes` for RBD, if the cluster has Kubernetes nodes.'),
  cephfs: z
    .boolean()
    .prefault(false)
    .describe(
      'Whether to create a CephFS, on the pools with application `cephfs`, or on a new pool if there are none.',
    ),
  csi: z
    .boolean()
    .prefault(true)
    .describe('Whether masters apply the drivers of ceph-csi, if there are pools for Kubernetes volumes.'),
  csi_url: url
    .optional()
    .describe(`URL of a ceph-csi release with its manifests: the folder \`deploy\`. Default: \`${CEPH_CSI_URL}\`.`),
});
