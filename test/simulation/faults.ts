/** What may happen to nodes and the network. Each fault chooses its node when it happens: the node may have come or moved meanwhile. */
import { isSpare } from './loss.ts';
import { reset } from './person.ts';
import type { Node } from './node.ts';
import type { Simulation } from './simulation.ts';

/** Plans a fault, or another event, at a time. Returns for how many seconds it lasts at most. */
export type Fault = (simulation: Simulation, at: number) => number;

const cutAtAnyStep: Fault = (simulation, at) => {
  const { agenda, random } = simulation.world;
  const [steps, pause] = [random.whole(1, 120), random.pick([5, 30, 300, 1200])];
  agenda.plan(at, () => {
    const node = random.pick(simulation.world.nodes);
    node.fuse = steps;
    agenda.plan(600, () => void (node.fuse = null));
    // Whoever is off then comes back.
    for (const time of [pause, 300 + pause, 650 + pause]) agenda.plan(time, () => simulation.switchOn(node));
  });
  return 660 + pause;
};

/** Nothing but one command fails, once. */
const failAtAnyStep: Fault = (simulation, at) => {
  const { agenda, random } = simulation.world;
  const commands = random.whole(1, 40);
  agenda.plan(at, () => {
    const node = random.pick(simulation.world.nodes);
    node.failing = commands;
    agenda.plan(600, () => void (node.failing = null));
  });
  return 600;
};

/** All come back, each at its time. */
function restart(simulation: Simulation, pauseOf: (node: Node) => number): void {
  const { world } = simulation;
  for (const node of world.nodes) simulation.cutPower(node);
  for (const node of world.nodes) world.agenda.plan(pauseOf(node), () => simulation.switchOn(node));
}

const cutAll: Fault = (simulation, at) => {
  const { agenda, random } = simulation.world;
  agenda.plan(at, () => restart(simulation, () => random.between(5, 900)));
  return 900;
};

const partition: Fault = (simulation, at) => {
  const { world } = simulation;
  const lasts = world.random.pick([20, 120, 400, 1500]);
  world.agenda.plan(at, () => {
    const side = world.nodes.filter(() => world.random.chance(0.5));
    world.note(null, `cut off from the others: ${side.map(({ name }) => name).join(' ')}`);
    for (const a of side) for (const b of world.nodes) if (!side.includes(b)) world.disconnect(a, b);
  });
  world.agenda.plan(at + lasts, () => world.mend());
  return lasts;
};

const cutLink: Fault = (simulation, at) => {
  const { world } = simulation;
  const lasts = world.random.pick([20, 300, 1500]);
  world.agenda.plan(at, () => {
    const [a, b] = [world.random.pick(world.masters), world.random.pick(world.masters)];
    world.note(null, `no link: ${a.name} ${b.name}`);
    world.disconnect(a, b);
  });
  world.agenda.plan(at + lasts, () => world.mend());
  return lasts;
};

const wipe: Fault = (simulation, at) => {
  const { world } = simulation;
  const pause = world.random.pick([10, 300, 3000]);
  world.agenda.plan(at, () => {
    const node = world.random.pick(world.nodes);
    if (!isSpare(world, node)) return;
    simulation.cutPower(node);
    node.wipe();
    world.note(node, 'its disk is wiped');
    world.agenda.plan(pause, () => simulation.switchOn(node));
  });
  return pause;
};

const resetOne: Fault = (simulation, at) => {
  const { world } = simulation;
  world.agenda.plan(at, async () => {
    const node = world.random.pick(world.nodes);
    const part = world.etcd.of(node);
    const others = part === null ? [] : world.etcd.voters(part.cluster).filter((each) => each.node !== node);
    const isHeard =
      part === null || others.some((each) => world.etcd.takesRequests(each.node) && world.connected(each.node, node));
    if (node.on && !node.resetting && !node.leaving && (isHeard || isSpare(world, node))) await reset(simulation, node);
  });
  return 120;
};

/** The power of the room fails; a master comes back with a blank disk, maybe before all others. */
const wipeInTheDark: Fault = (simulation, at) => {
  const { world } = simulation;
  const isFirst = world.random.chance(0.7);
  world.agenda.plan(at, () => {
    const node = isFirst ? world.masters[0]! : world.random.pick(world.masters);
    if (!isSpare(world, node)) return;
    restart(simulation, (each) => (each === node ? 5 : world.random.between(1, 400)));
    node.wipe();
    world.note(node, 'its disk is wiped');
  });
  return 400;
};

const loseForGood: Fault = (simulation, at) => {
  const { world } = simulation;
  world.agenda.plan(at, () => {
    const node = world.random.pick(world.masters);
    const others = world.masters.filter((each) => each !== node);
    const isWhole = others.every(({ finished, leaving }) => finished && !leaving);
    if (world.nodes.some(({ dead }) => dead) || !isWhole || !isSpare(world, node)) return;
    simulation.cutPower(node);
    node.dead = true;
    world.note(node, 'never comes back');
  });
  return 0;
};

export const FAULTS: readonly Fault[] = [
  ...[cutAtAnyStep, cutAtAnyStep, cutAtAnyStep, cutAtAnyStep, cutAll, partition, cutLink, wipe, wipe],
  ...[failAtAnyStep, failAtAnyStep, failAtAnyStep, wipeInTheDark, resetOne, loseForGood],
];
