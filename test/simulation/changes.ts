/** What people do to a cluster that runs: nodes come, move and leave, as docs/CONTROL-PLANE.md asks for it. */
import { isTrue } from './etcd.ts';
import type { Fault } from './faults.ts';
import { giveImage, withAddress, type Kind } from './images.ts';
import { isDispensable } from './loss.ts';
import type { Node } from './node.ts';
import { removeNode } from './person.ts';
import type { Simulation } from './simulation.ts';
import type { World } from './world.ts';

/** Until a change that is planned for when the cluster is whole. */
export const UNTIL_WHOLE = 900;
const BETWEEN_MASTERS = 300;

/** With these, masters have a table of tokens, so they are booted from their new images first, one after the other. */
function renewMasters(simulation: Simulation): number {
  const { world } = simulation;
  if (world.distribution === 'http') return 0;
  world.masters.forEach((node, index) =>
    world.agenda.plan(index * BETWEEN_MASTERS, () => {
      simulation.cutPower(node);
      if (world.nodes.includes(node)) giveImage(node, world.definition);
      world.agenda.plan(10, () => simulation.switchOn(node));
    }),
  );
  return world.masters.length * BETWEEN_MASTERS;
}

/** By its own image alone. */
const add =
  (kind: Kind): Fault =>
  (simulation, at) => {
    const { world } = simulation;
    world.agenda.plan(at, () => {
      const node = world.add(kind);
      world.note(node, 'is a further node');
      const delay = kind === 'worker' ? renewMasters(simulation) : 0;
      world.agenda.plan(delay, () => simulation.switchOn(node));
    });
    return 6 * BETWEEN_MASTERS;
  };

function move(simulation: Simulation, node: Node, pause: number): void {
  const { world } = simulation;
  simulation.cutPower(node);
  const isApart = node.isMaster && world.definition.kubernetes.etcd.cidr !== null;
  const moving = isApart ? world.random.pick(['ip', 'etcd', 'both'] as const) : 'ip';
  world.definition = withAddress(world.definition, node.name, ++world.moves, moving);
  world.note(node, `gets another address: ${moving}`);
  world.agenda.plan(pause, () => simulation.switchOn(node));
}

const moveWorker: Fault = (simulation, at) => {
  const { world } = simulation;
  const pause = world.random.pick([10, 300]);
  world.agenda.plan(at, () => {
    const workers = world.nodes.filter(({ isMaster, leaving }) => !isMaster && !leaving);
    if (workers.length > 0) move(simulation, world.random.pick(workers), pause);
  });
  return pause;
};

/** Never a majority at once: once the cluster is whole. */
const moveMasters =
  (most: (masters: number) => number): Fault =>
  (simulation, at) => {
    const { world } = simulation;
    const { random } = world;
    world.agenda.plan(at + UNTIL_WHOLE, () => {
      if (!isWhole(world)) return;
      const { masters } = world;
      const first = random.whole(0, masters.length - 1);
      for (let count = random.whole(1, Math.max(most(masters.length), 1)); count > 0; count--)
        move(simulation, masters[(first + count) % masters.length]!, random.pick([10, 300]));
    });
    return UNTIL_WHOLE + 300;
  };

function isWhole(world: World): boolean {
  const part = world.etcd.of(world.masters[0]!);
  return (
    world.masters.every(({ finished, dead, leaving }) => finished && !dead && !leaving) &&
    part?.cluster.members.every(isTrue) === true
  );
}

/** One that is lost before one that works. The machine is off before, right after, or stays on for some time. */
const remove: Fault = (simulation, at) => {
  const { world } = simulation;
  const { random } = world;
  const stays = random.pick([0, 60, 900]);
  const isOffBefore = random.chance(0.4);
  const wantsMaster = random.chance(0.6);
  world.agenda.plan(at + UNTIL_WHOLE, async () => {
    const members = world.nodes.filter(
      (each) => each.finished && each.isMaster === wantsMaster && isDispensable(world, each),
    );
    const lost = members.filter(({ dead }) => dead);
    if (members.length === 0) return;
    const node = random.pick(lost.length > 0 ? lost : members);
    if (isOffBefore && !node.dead) {
      simulation.cutPower(node);
      node.dead = true;
    }
    await removeNode(simulation, node, stays);
  });
  return UNTIL_WHOLE + 960;
};

export const CHANGES: readonly Fault[] = [
  ...[add('worker'), add('master'), moveWorker, remove, remove, remove],
  ...[moveMasters(() => 1), moveMasters(() => 1)],
  // All but one: that one finds nobody, and is found by all.
  moveMasters((masters) => masters - 1),
];
