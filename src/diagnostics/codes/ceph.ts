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
    message: 'Nodes have Ceph roles, but none has `{role}`; without it, {consequence}.',
    hint: 'give a node the role `{role}`',
  },
  'ceph/even-monitors': {
    severity: 'warning',
    message: '{count} monitors tolerate no more failures than {fewer}.',
    hint: 'monitors need a majority; use an odd number',
  },
  'ceph/too-many-replicas': {
    severity: 'error',
    message: '{replicas} copies cannot be placed: there are {hosts} {domain} with OSDs.',
    hint: 'lower `replicas`, or add nodes with the role `ceph-osd`',
  },
  'ceph/min-replicas': {
    severity: 'error',
    message: 'Writes would need {min} copies, but there are only {replicas}.',
    hint: 'lower `min_replicas`, or raise `replicas`',
  },
  'ceph/no-redundancy': {
    severity: 'warning',
    message: 'With one copy of each object, the failure of one disk loses data.',
    hint: 'use two or three hosts with OSDs, if the data matters',
  },
  'ceph/min-replicas-all': {
    severity: 'warning',
    message:
      '`min_replicas: {min}` needs all copies, so the failure of one disk stops reads and writes of its data until all copies exist again.',
    hint: 'set it to one less than `replicas`',
  },
  'ceph/min-replicas-one': {
    severity: 'warning',
    message: '`min_replicas: 1` accepts writes with a single copy, so the failure of one disk can lose data.',
    hint: 'set it to {better}',
  },
  'ceph/unknown-admin-node': {
    severity: 'error',
    message: '`{name}` is not a node of the cluster.',
    hint: 'the nodes are: {known}',
  },
  'ceph/duplicate-pool': {
    severity: 'error',
    message: 'Two pools have the name `{name}`.',
    hint: 'rename one of them',
  },
  'ceph/no-node-inside': {
    severity: 'error',
    message: 'None of the nodes of Ceph has an address in `{setting}` {networks}.',
    hint: 'write the network of their addresses, or give each of them an address in this network',
  },
  'ceph/address-missing': {
    severity: 'error',
    message: 'Node `{node}` has the role `{role}`, but no address in `{setting}` {networks}.',
    hint: 'give it an address there, or correct `{setting}`',
  },
  'ceph/admin-not-ceph': {
    severity: 'error',
    message: 'Node `{name}` is an admin node but has no Ceph role, so it lacks the commands of Ceph.',
    hint: 'name nodes with a Ceph role: {known}',
  },
  'ceph/admin-without-monitor': {
    severity: 'error',
    message: 'None of the admin nodes has the role `ceph-mon`, but a monitor with the admin key creates the pools.',
    hint: 'add one of {known}, or remove `admin_nodes`',
  },
  'ceph/memory-target': {
    severity: 'error',
    message: 'An OSD needs more memory than {target}; Ceph would ignore the value and use 4 GiB.',
    hint: 'set 896M or more, or remove the setting: the default depends on the memory of the node',
  },
  'ceph/cephfs-disabled': {
    severity: 'error',
    message: 'The pool `{name}` is for CephFS, but `cephfs` is not enabled.',
    hint: 'set `cephfs: true`, or give the pool the application `rbd`',
  },
  'ceph/reserved-pool': {
    severity: 'error',
    message: 'With `cephfs: true` the pool `{name}` belongs to the file system, but here it is for RBD.',
    hint: 'rename it',
  },
  'ceph/pool-of-ceph': {
    severity: 'error',
    message: 'Ceph uses the name `{name}` for its own pools.',
    hint: 'rename it',
  },
  'ceph/mixed-families': {
    severity: 'error',
    message:
      'The daemons of Ceph have {family} addresses, because `public_cidr` starts with {first}, but `cluster_cidr` has no {family} network.',
    hint: 'use one family for both',
  },
  'ceph/csi-unused': {
    severity: 'warning',
    message: '`{name}` is for the drivers of Ceph volumes in Kubernetes, but {reason}.',
    hint: 'remove it',
  },
} as const satisfies CodeTable;
