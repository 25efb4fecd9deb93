/** Codes about updates that nodes fetch by themselves. */
import type { CodeTable } from './table.ts';

export const updateCodes = {
  'update/not-taken': {
    severity: 'error',
    message: 'The nodes would fetch updates, but their images take none.',
    hint: 'add `update` to `image.formats`, or remove `update`',
  },
  'update/no-master': {
    severity: 'error',
    message: 'Masters let one node at a time fetch its update, and this cluster has no master.',
    hint: 'remove `update`; `coldstart update` updates such a cluster',
  },
  'update/ceph-cannot-be-asked': {
    severity: 'warning',
    message:
      'Only `coldstart update` updates {nodes}: before a node of Ceph restarts, a master has to ask Ceph, and no master has the key for it.',
    hint: 'add a master to `ceph.admin_nodes`, or update these nodes by `coldstart update`',
  },
  'update/outside-of-kubernetes': {
    severity: 'warning',
    message: 'Only `coldstart update` updates {nodes}: nodes outside of Kubernetes do not fetch updates by themselves.',
    hint: 'update these nodes by `coldstart update`; the others fetch their updates',
  },
} as const satisfies CodeTable;
