/** Codes about Ceph. */
import type { CodeTable } from './table.ts';

export const cephCodes = {
  'ceph/unused': {
    severity: 'warning',
    message: 'Ceph is configured, but no node has a Ceph role.',
    hint: 'give nodes the roles `ceph-mon`, `ceph-mgr` and `ceph-osd`, or remove `ceph`',
  },
  'ceph/missing-role': {
    severity: 'error',
    message: 'Nodes have Ceph roles, but none has `{role}`, without which {consequence}.',
    hint: 'give a node the role `{role}`',
  },
  'ceph/even-monitors': {
    severity: 'warning',
    message: '{count} monitors survive the loss of no more machines than {fewer} would.',
    hint: 'monitors need a majority; use an odd number',
  },
  'ceph/too-many-replicas': {
    severity: 'error',
    message: '{replicas} copies cannot be placed: there are {hosts} {domain} with OSDs.',
    hint: 'lower `replicas`, or add nodes with the role `ceph-osd`',
  },
  'ceph/min-replicas': {
    severity: 'error',
    message: 'Writing would need {min} copies, but only {replicas} are made.',
    hint: 'lower `min_replicas`, or raise `replicas`',
  },
  'ceph/no-redundancy': {
    severity: 'warning',
    message: 'With one copy of each object, one broken disk loses data.',
    hint: 'use two or three hosts with OSDs, or accept it knowingly',
  },
  'ceph/min-replicas-one': {
    severity: 'warning',
    message: '`min_replicas: 1` accepts writes that exist once, which is how data gets lost.',
    hint: 'set it to {better}',
  },
  'ceph/unknown-admin-node': {
    severity: 'error',
    message: '`{name}` is not a node of the cluster.',
    hint: 'the nodes are: {known}',
  },
  'ceph/duplicate-pool': {
    severity: 'error',
    message: 'Two pools are called `{name}`.',
    hint: 'rename one of them',
  },
  'ceph/address-missing': {
    severity: 'error',
    message: 'Node `{node}` has the role `{role}`, but no address in `{setting}` {networks}.',
    hint: 'give it an interface there, or correct `{setting}`',
  },
  'ceph/admin-not-ceph': {
    severity: 'error',
    message: 'Node `{name}` is to hold the admin key, but has no Ceph role, so it lacks the commands that use it.',
    hint: 'name nodes with a Ceph role: {known}',
  },
  'ceph/admin-without-monitor': {
    severity: 'error',
    message: 'None of the admin nodes has the role `ceph-mon`, and those that have make the pools.',
    hint: 'add one of {known}, or leave `admin_nodes` out',
  },
  'ceph/memory-target': {
    severity: 'error',
    message: 'An OSD cannot work with {target}; Ceph would take no notice and aim at 4 GiB.',
    hint: 'set 896M or more, or leave it to the size of the node',
  },
  'ceph/cephfs-disabled': {
    severity: 'error',
    message: 'The pool `{name}` is for a CephFS, but none is created.',
    hint: 'set `cephfs: true`, or give the pool the application `rbd`',
  },
  'ceph/reserved-pool': {
    severity: 'error',
    message: 'With `cephfs: true` the pool `{name}` belongs to the file system, but here it is for RBD.',
    hint: 'rename it',
  },
  'ceph/pool-of-ceph': {
    severity: 'error',
    message: 'The name `{name}` is one that Ceph gives to pools of its own.',
    hint: 'rename it',
  },
  'ceph/mixed-families': {
    severity: 'error',
    message:
      'Daemons of Ceph have {family} addresses, as `public_cidr` begins with {first}, but `cluster_cidr` has no network of that kind.',
    hint: 'use one family for both',
  },
  'ceph/csi-unused': {
    severity: 'warning',
    message: '`{name}` is about the drivers by which Kubernetes takes volumes, but {reason}.',
    hint: 'remove it',
  },
} as const satisfies CodeTable;
