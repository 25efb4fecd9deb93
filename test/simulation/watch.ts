/** A watch on what masters publish of the nodes, as cluster-peers.sh keeps it open. */
import type { Node } from './node.ts';
import { mistakes } from './peers.ts';
import { refuse, say, type Reply } from './reply.ts';
import type { Run } from './run.ts';
import type { Topic, World } from './world.ts';

export const isWatch = (question: readonly string[]): boolean =>
  question[0] === 'curl' && question.at(-1)!.includes('/configmaps?watch=true');

/** What ends the wait for a change. */
export const TOPICS = (node: Node): readonly Topic[] => ['peers', `api ${node.name}`];

function errs(world: World, node: Node): boolean {
  const masters = world.masters.map((each) => world.etcd.of(each)?.cluster);
  return !masters.some((cluster) => cluster !== undefined && mistakes(world, cluster, node) === null);
}

/** What the API server has to say; null while that is what this script has heard already. */
export function event(world: World, node: Node, run: Run, isLast: boolean): Reply | null {
  const api = world.kubernetes.through(node);
  if (api === null) return refuse('', 0.1, 7);
  const { peers } = api;
  if (peers === run.heard && !(isLast && errs(world, node))) return null;
  run.heard = peers;
  if (peers === null) return say();
  return say(`${JSON.stringify({ type: 'ADDED', object: { data: { 'peers.json': peers.text } } })}\n`);
}
