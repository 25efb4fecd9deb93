/** The roles of nodes by their names. */
import type { Role } from './cluster.ts';

export const ROLES = ['master', 'worker', 'ceph-mon', 'ceph-mgr', 'ceph-osd'] as const satisfies readonly Role[];

/** Kubernetes' own word for a master. */
export const CONTROL_PLANE = 'control-plane';

export const roleOf = (name: string): Role | undefined =>
  name === CONTROL_PLANE ? 'master' : ROLES.find((known) => known === name);
