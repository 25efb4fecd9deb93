/** Which nodes fetch their updates by themselves (`cluster.update`), and who cannot. */
import type { Cluster, Node } from './cluster.ts';
import { takesUpdates } from './formats.ts';
import { isCephNode, isMaster, isMember } from './roles.ts';

/** Whether a node has two slots, and what checks a bundle. A node without a state disk has no slots. */
export const updatesItself = (cluster: Cluster, node: Node): boolean =>
  takesUpdates(cluster) && node.stateDisk !== null;

/** Whether a node looks for its updates by itself. */
export const fetchesUpdates = (cluster: Cluster, node: Node): boolean =>
  cluster.update !== null && updatesItself(cluster, node) && whyNotByItself(cluster, node) === null;

/**
 * Why only `coldstart update` can take a node out of service and back; null if a master can do it. A node asks a master, to which it
 * shows the certificate of its kubelet. A master that has no administrator's key of Ceph can neither ask Ceph nor set `noout`.
 */
export function whyNotByItself({ nodes, ceph }: Cluster, node: Node): 'no member' | 'no administrator' | null {
  if (!isMember(node)) return 'no member';
  if (!isCephNode(node)) return null;
  const admins = ceph?.adminNodes ?? [];
  return nodes.some((one) => isMaster(one) && admins.includes(one.name)) ? null : 'no administrator';
}

/** Whether masters listen on the joining port: nodes get their tokens there, and ask whether they may restart. */
export const servesJoinPort = (cluster: Cluster): boolean =>
  cluster.bootstrap.tokenDistribution === 'http' || servesLock(cluster);

/** Whether masters give nodes the lease of rollouts. */
export const servesLock = (cluster: Cluster): boolean => cluster.nodes.some((node) => fetchesUpdates(cluster, node));
