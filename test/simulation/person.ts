/** What a person does at the nodes: on request of a message, or because the definition has changed. */
import type { Cluster } from './etcd.ts';
import type { Node } from './node.ts';
import { isDispensable } from './loss.ts';
import { isMember } from './peers.ts';
import type { Simulation } from './simulation.ts';

/** Resets the node, then restarts it; once more if the power failed and the node says so, or the command did not come to its end. */
export async function reset(simulation: Simulation, node: Node): Promise<void> {
  const { agenda, random } = simulation.world;
  simulation.world.note(node, 'a person resets it');
  node.resetting = true;
  node.finished = false;
  const boot = node.boot;
  agenda.plan(200, () => lookAfterReset(simulation, node, boot));
  await simulation.launch(
    node,
    'reset-bootstrap.sh',
    ({ script: { status } }) => {
      node.resetting = false;
      simulation.world.note(node, `the reset ends with ${String(status)}`);
      if (status !== 0) {
        // Otherwise it was refused, and all stays as it was.
        const isCutOff = node.on && node.ledger.get('reset')?.state === 'failed';
        if (isCutOff) agenda.plan(random.between(60, 300), () => (node.on ? reset(simulation, node) : undefined));
        return;
      }
      agenda.plan(random.between(1, 60), () => {
        simulation.cutPower(node);
        agenda.plan(10, () => simulation.switchOn(node));
      });
    },
    { args: ['--yes'] },
  );
}

function lookAfterReset(simulation: Simulation, node: Node, boot: string): void {
  const again = (): void => simulation.world.agenda.plan(200, () => lookAfterReset(simulation, node, boot));
  if (!node.resetting) return;
  if (node.boot === boot) again();
  else if (node.finished) node.resetting = false;
  else if (/reset-bootstrap/.test(node.ledger.get('etcd')?.todo ?? '')) return void reset(simulation, node);
  else again();
}

/** What etcd-two-clusters asks of a person where the nodes cannot know which cluster is the one: the smaller one is reset. */
export async function uniteClusters(simulation: Simulation): Promise<void> {
  const { world } = simulation;
  const clusterOf = (node: Node): Cluster | undefined => world.etcd.of(node)?.cluster;
  const masters = world.masters.filter((node) => !node.dead && clusterOf(node) !== undefined);
  const size = (node: Node): number => masters.filter((each) => clusterOf(each) === clusterOf(node)).length;
  const most = Math.max(...masters.map(size));
  if (masters.every((node) => size(node) === masters.length)) return;
  world.check.twoClustersAreShown();
  const given = masters.filter((node) => size(node) < most);
  for (const node of given) world.check.abandoned.add(clusterOf(node)!);
  for (const node of given) if (node.on) await reset(simulation, node);
}

/** What etcd-not-added asks of a person: a master that never comes back is removed, as no other can be added before. */
export async function removeLost(simulation: Simulation): Promise<void> {
  const { world } = simulation;
  const isRefused = world.nodes.some(({ ledger }) => ledger.get('etcd')?.cause === 'etcd-not-added');
  const lost = world.masters.filter((node) => node.dead && isMember(world, node) && isDispensable(world, node));
  if (isRefused) for (const node of lost) await removeNode(simulation, node, 0);
}

const LOOKS_AGAIN = 60;

/**
 * Removes a node from the cluster: a command on a master, on this one or another one until it is done; and switches the machine off, as soon
 * as the definition does without it.
 *
 * @param stays seconds that the machine stays on after its removal
 */
export async function removeNode(simulation: Simulation, node: Node, stays: number): Promise<void> {
  node.leaving = true;
  simulation.world.note(node, 'a person removes it');
  await lookAfterRemoval(simulation, node, stays, null);
}

interface Attempt {
  readonly on: Node;
  readonly boot: string;
  isOver: boolean;
}

async function lookAfterRemoval(
  simulation: Simulation,
  node: Node,
  stays: number,
  last: Attempt | null,
): Promise<void> {
  const { world } = simulation;
  const again = (seconds: number, attempt: Attempt | null): void =>
    world.agenda.plan(seconds, () => lookAfterRemoval(simulation, node, stays, attempt));
  const isBusy = last !== null && !last.isOver && last.on.on && last.on.boot === last.boot;
  if (isBusy) again(LOOKS_AGAIN, last);
  else if (isMember(world, node)) again(LOOKS_AGAIN, await removeOn(simulation, node));
  else if (node.on && stays > 0) world.agenda.plan(stays, () => lookAfterRemoval(simulation, node, 0, null));
  else {
    switchOff(simulation, node);
    // Of two clusters, the one that remains may be the one that knows it.
    again(5 * LOOKS_AGAIN, null);
  }
}

/** For good. */
function switchOff(simulation: Simulation, node: Node): void {
  const { world } = simulation;
  simulation.cutPower(node);
  node.dead = true;
  if (!world.removed.includes(node)) world.remove(node);
}

async function removeOn(simulation: Simulation, node: Node): Promise<Attempt | null> {
  const { world } = simulation;
  const masters = world.masters.filter(({ on, finished, leaving }) => on && finished && !leaving);
  if (masters.length === 0) return null;
  const on = world.random.pick(masters);
  const attempt: Attempt = { on, boot: on.boot, isOver: false };
  await simulation.launch(
    on,
    'cluster-nodes.sh',
    ({ script }) => {
      attempt.isOver = true;
      world.note(on, `the removal of ${node.name} ends with ${String(script.status)} ${script.said('err').trim()}`);
    },
    { args: ['--remove', node.name] },
  );
  return attempt;
}
