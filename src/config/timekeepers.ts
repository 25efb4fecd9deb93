/** The nodes that keep time if no time server is reachable: the clocks of a cluster must agree, even if all are wrong. */
import type { Cluster, Node } from './cluster.ts';
import { hasRole, isMaster } from './roles.ts';

/** The nodes whose clock the others follow: masters and monitors with a known address. */
export const timekeepers = ({ nodes }: Cluster): Node[] =>
  nodes.filter(({ ips, roles }) => ips.length > 0 && (isMaster({ roles }) || hasRole({ roles }, 'ceph-mon')));
