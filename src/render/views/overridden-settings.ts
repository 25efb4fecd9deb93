/**
 * The settings that a node may have instead of the cluster's. All nodes without a value of their own share the files
 * made from them. So a view of such a file is made from a {@link Holder}: the cluster, or the node that differs.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Cluster, Node } from '../../config/cluster.ts';

export const OVERRIDABLE = ['users', 'proxy', 'registries'] as const;
export type Overridable = (typeof OVERRIDABLE)[number];

/** The cluster or node to which the values belong. */
export interface Holder extends Pick<Node, Overridable> {
  /** Null for the cluster. */
  readonly node: string | null;
  /** The cluster's containerd, which reads files made from these settings. */
  readonly containerd: Cluster['kubernetes']['containerd'];
}

export function clusterHolder({ users, networking, registries, kubernetes: { containerd } }: Cluster): Holder {
  return { users, proxy: networking.proxy, registries, node: null, containerd };
}

export function nodeHolder({ kubernetes: { containerd } }: Cluster, { users, proxy, registries, name }: Node): Holder {
  return { users, proxy, registries, node: name, containerd };
}

/** The settings that a node has of its own, in a fixed order. */
export function ownSettings(cluster: Cluster, node: Node): readonly Overridable[] {
  const common = clusterHolder(cluster);
  return OVERRIDABLE.filter((key) => !isDeepStrictEqual(node[key], common[key]));
}

const CLUSTER_SETTINGS = {
  users: 'cluster.users',
  proxy: 'cluster.networking.proxy',
  registries: 'cluster.registries',
} as const;

/** The settings where a user finds the holder's values; a node's lists contain the cluster's as well. */
export function settingsOf({ node }: Holder, key: Overridable): [string, ...string[]] {
  return node === null ? [CLUSTER_SETTINGS[key]] : [`nodes[${node}].${key}`, CLUSTER_SETTINGS[key]];
}

/**
 * The settings where a user finds one entry of the holder's list. For a node, that is its own list or the cluster's;
 * the difference is not known here.
 */
export function entrySettings(
  holder: Holder,
  key: 'users' | 'registries',
  index: number,
  below = '',
): [string, ...string[]] {
  return holder.node === null ? [`${CLUSTER_SETTINGS[key]}[${String(index)}]${below}`] : settingsOf(holder, key);
}
