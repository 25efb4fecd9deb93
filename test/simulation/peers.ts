/** What a node makes of what the cluster says of the others, compared with the world as it is. */
import type { Cluster } from './etcd.ts';
import { HOSTS, type Node } from './node.ts';
import type { World } from './world.ts';

/** Whether a cluster that a master is in counts on this node. */
export function isMember(world: World, { name }: Node): boolean {
  const clusters = new Set(
    world.masters.filter((each) => !each.leaving && !each.dead).map((each) => world.etcd.of(each)?.cluster),
  );
  return [...clusters].some(
    (cluster) =>
      cluster !== undefined &&
      (cluster.members.some(({ node }) => node.name === name) ||
        world.kubernetes.in(cluster)?.nodes.has(name) === true),
  );
}

/** The first thing that a node has wrong; null when it knows exactly the nodes and masters that there are. */
export function mistakes(world: World, cluster: Cluster, node: Node): string | null {
  const api = world.kubernetes.in(cluster);
  if (api === undefined) return 'has no API server';
  // Whoever never came back, and was not removed, is where it was.
  const addressOf = (name: string): string =>
    world.nodes.find((each) => each.name === name && !each.dead)?.ip ?? api.nodes.get(name)!.address;
  const others = [...api.nodes.keys()].filter((name) => name !== node.name);
  const masters = cluster.members.filter(({ learner }) => !learner);
  const masterAddresses = masters.map(({ name }) => `${name} ${addressOf(name)}`);
  const known: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      'routes',
      [...node.routes].map((each) => each.join(' ')),
      others.map((name) => `${api.shares.get(name) ?? ''} ${addressOf(name)}`),
    ],
    ['API servers', readyServers(node), masterAddresses],
    ['names', learntNames(node), others.map((name) => `${addressOf(name)}\t${name}`)],
    [
      'sources',
      [...node.sources],
      [...new Set([...api.nodes.keys()].map(addressOf).concat(masterAddresses.map((each) => each.split(' ')[1]!)))],
    ],
    ['share', [node.read('var/lib/cluster-state/pod-shares').trim()], [api.shares.get(node.name) ?? '']],
  ];
  for (const [what, has, wanted] of known) {
    const [left, right] = [has.toSorted().join(', '), wanted.toSorted().join(', ')];
    if (left !== right) return `has the ${what} ${left} instead of ${right}`;
  }
  return null;
}

const readyServers = ({ balancer }: Node): string[] =>
  [...(balancer ?? [])].filter(([, { isReady }]) => isReady).map(([name, { address }]) => `${name} ${address}`);

const learntNames = (node: Node): string[] =>
  (node.read(HOSTS).split(/^# The lines below.*\n/m)[1] ?? '')
    .trim()
    .split('\n')
    .filter((line) => line !== '');
