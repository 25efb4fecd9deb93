/** Who keeps time where no time server is reached: clocks of a cluster have to agree, even if all of them are wrong. */
import type { Cluster, Node } from './cluster.ts';
import { hasRole, isMaster } from './roles.ts';

/** The nodes whose clock the others follow: the ones that the cluster stands on anyway, with an address that is known. */
export const timekeepers = ({ nodes }: Cluster): Node[] =>
  nodes.filter(({ ips, roles }) => ips.length > 0 && (isMaster({ roles }) || hasRole({ roles }, 'ceph-mon')));
