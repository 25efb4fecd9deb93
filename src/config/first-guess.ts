/**
 * The first guess: the masters and monitors that a node's image names, so that the node finds the cluster at a cold start. A running
 * cluster tells its nodes the rest. So the image of a worker or storage node depends on few other nodes, and a further node
 * changes no other image.
 */
import { monitors } from './ceph.ts';
import type { Cluster, Node } from './cluster.ts';
import { hasRole, isCephNode, isMaster } from './roles.ts';

/** Enough to find the cluster while one of them is off. */
const FEW = 3;

/**
 * The masters in the node's image, by name. A master knows all of them, because a first master with a blank disk must not begin a
 * second cluster; another node knows the first master and two others.
 */
export function mastersKnownTo(cluster: Cluster, node: Node): readonly Node[] {
  const { all, few } = guessOf(cluster).masters;
  return isMaster(node) ? all : few;
}

/** The monitors in the node's image, by name: all for a monitor, three for any other node. */
export function monitorsKnownTo(cluster: Cluster, node: Node): readonly Node[] {
  const { all, few } = guessOf(cluster).monitors;
  return hasRole(node, 'ceph-mon') ? all : few;
}

/** The monitors that masters tell Kubernetes of, the same on all masters: as any node that is no monitor knows them. */
export const monitorsKnownToAll = (cluster: Cluster): readonly Node[] => guessOf(cluster).monitors.few;

/** All nodes in the node's image, by name: itself, the masters that it knows, and for a node of Ceph the monitors. */
export function nodesKnownTo(cluster: Cluster, node: Node): readonly Node[] {
  const others = [...mastersKnownTo(cluster, node), ...(isCephNode(node) ? monitorsKnownTo(cluster, node) : [])];
  return [node, ...new Set(others.filter(({ name }) => name !== node.name))].sort(byName);
}

/** The master that begins the cluster; null for a cluster without masters. */
export const firstMaster = (cluster: Cluster): Node | null => guessOf(cluster).masters.all.find(isFirst) ?? null;

interface Guess {
  readonly all: readonly Node[];
  readonly few: readonly Node[];
}

// Cached, because the files of every node need it.
const guesses = new WeakMap<Cluster, Readonly<Record<'masters' | 'monitors', Guess>>>();

function guessOf(cluster: Cluster) {
  const known = guesses.get(cluster);
  if (known !== undefined) return known;
  const masters = cluster.nodes.filter(isMaster);
  const firstMasterFirst = masters.toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
  const guess = { masters: guessFrom(firstMasterFirst), monitors: guessFrom(monitors(cluster)) };
  guesses.set(cluster, guess);
  return guess;
}

const isFirst = ({ bootRole }: Node): boolean => bootRole === 'master-first';

/** @param byRank the nodes that are asked first come first */
const guessFrom = (byRank: readonly Node[]): Guess => ({
  all: byRank.toSorted(byName),
  few: byRank.slice(0, FEW).toSorted(byName),
});

const byName = (a: Node, b: Node): number => (a.name < b.name ? -1 : 1);
