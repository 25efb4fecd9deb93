/**
 * The nodes that keep time if no time server is reachable: the clocks of a cluster must agree, even if all are wrong. Masters follow
 * each other; monitors that are not masters follow masters, and each other while no master is up; all others follow both.
 */
import type { Cluster, Node } from './cluster.ts';
import { mastersKnownTo, monitorsKnownTo } from './first-guess.ts';
import { hasRole, isCephNode, isMaster } from './roles.ts';

/** Whether other nodes follow the node's clock. */
export const keepsTime = (node: Node): boolean => node.ips.length > 0 && (isMaster(node) || hasRole(node, 'ceph-mon'));

/**
 * The nodes that the node follows. Masters never follow a monitor: the time would go round in a circle, as monitors follow masters.
 */
export function timekeepersOf(cluster: Cluster, node: Node): readonly Node[] {
  const monitors = isCephNode(node) && !isMaster(node) ? monitorsKnownTo(cluster, node) : [];
  const keepers = [...new Set([...mastersKnownTo(cluster, node), ...monitors])];
  return keepers.filter((keeper) => keeper.name !== node.name && keepsTime(keeper));
}
