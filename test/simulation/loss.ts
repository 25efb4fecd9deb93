/** Which masters a cluster can do without. Nobody can help one that has lost its majority. */
import type { Node } from './node.ts';
import type { World } from './world.ts';

/** Whether the cluster of this node outlives the loss of its data. */
export function isSpare(world: World, node: Node): boolean {
  if (node.leaving) return false;
  const part = world.etcd.of(node);
  if (part?.member?.learner !== false) return true;
  const voters = world.etcd.voters(part.cluster);
  const left = world.etcd.intact(part.cluster).filter((each) => each.node !== node && !each.node.leaving);
  const isAlone = !world.masters.some((each) => each !== node && each.data?.cluster === part.cluster.serial);
  return isAlone || left.length > voters.length / 2;
}

/** Whether a person may remove this node: its cluster works without it, also while it is off and not removed yet. */
export function isDispensable(world: World, node: Node): boolean {
  if (node.leaving) return false;
  if (!node.isMaster) return true;
  const part = world.etcd.of(node);
  if (part?.member?.learner !== false) return false;
  const voters = world.etcd.voters(part.cluster);
  const works = ({ node: other }: (typeof voters)[number]): boolean =>
    other !== node && !other.leaving && other.finished && world.etcd.takesRequests(other);
  const count = voters.filter(works).length;
  return count >= 2 && count > voters.length / 2;
}
