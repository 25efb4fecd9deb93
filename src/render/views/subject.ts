/**
 * The input of a view: the cluster alone, for files that all nodes share, or one node of it. Also the paths of the
 * settings that shape a file, for messages.
 */
import type { Cluster, Node } from '../../config/cluster.ts';

export interface Subject {
  readonly cluster: Cluster;
  readonly node: Node;
}

/** `nodes[master-01].ip`. */
export function ofNode(node: Node, ...keys: readonly string[]): string[] {
  return keys.map((key) => `nodes[${node.name}].${key}`);
}

/** `cluster.networking.dns`. */
export function ofCluster(...keys: readonly string[]): string[] {
  return keys.map((key) => `cluster.${key}`);
}

export function isIpv6(address: string): boolean {
  return address.includes(':');
}

/** A node's names as hosts(5) wants them: the full one first, each once. */
export function namesOf(node: Node): string[] {
  const short = node.hostname.split('.')[0] ?? node.hostname;
  return [...new Set([node.hostname, short, node.name])];
}
