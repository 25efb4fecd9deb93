/** One seed: a definition, the power-on times of its machines, the faults, and the required final state. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Breach } from './checks.ts';
import { isTrue, type Cluster } from './etcd.ts';
import { definition, install, withAddress, type Entry, type Node } from './node.ts';
import { Random } from './random.ts';
import { Simulation } from './simulation.ts';
import { World } from './world.ts';

/** Seconds after the last fault within which everything must be in order. */
const HEALING = 2 * 3600;
const UNTIL_A_PERSON_LOOKS = 600;
/** From a fault to the move that is planned for when the cluster is whole. */
const UNTIL_WHOLE = 900;

export interface Result {
  readonly seed: number;
  /** Null when all was well. */
  readonly breach: string | null;
  /** Time of the simulated world, in seconds. */
  readonly lasted: number;
  readonly trace: readonly string[];
}

/** Runs one seed. Never throws for what the scripts do. */
export async function simulate(seed: number): Promise<Result> {
  const random = new Random(seed);
  // Memory, where there is a place in it for files: each step syncs.
  const folder = mkdtempSync(join(process.platform === 'linux' ? '/dev/shm' : tmpdir(), 'coldstart-simulation-'));
  let nodes: readonly Node[] = [];
  try {
    const distribution = random.pick(['embedded', 'embedded', 'http', 'external'] as const);
    const of = definition(random.chance(0.1) ? 5 : 3, random.whole(1, 2), distribution);
    nodes = install(of, folder);
    const world = new World(nodes, of, random);
    let breach: string | null = null;
    try {
      const isDone = await play(world);
      world.check.end();
      if (!isDone) throw new Breach('not at its end');
    } catch (error) {
      breach = error instanceof Breach ? error.message : error instanceof Error ? (error.stack ?? '') : String(error);
    }
    return { seed, breach, lasted: world.now, trace: world.trace };
  } finally {
    for (const node of nodes) node.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function play(world: World): Promise<boolean> {
  const { random, nodes } = world;
  const simulation = new Simulation(world);
  const spread = random.pick([0, 60, 60, 600, 600, 1800, 3 * 3600]);
  const starts = nodes.map(() => random.between(0, spread));
  nodes.forEach((node, index) => world.agenda.plan(starts[index]!, () => simulation.switchOn(node)));
  let last = Math.max(...starts);
  for (let count = random.whole(0, 6); count > 0; count--) {
    // Mostly while the cluster forms, which takes three minutes.
    const at = random.between(0, Math.max(...starts) + (random.chance(0.7) ? 200 : 1800));
    last = Math.max(last, at + random.pick(FAULTS)(simulation, at));
  }
  world.agenda.plan(last, () => heal(simulation));
  const knowEachOther = (): boolean => nodes.every((node) => node.dead || world.kubernetes.knowsPeers(node));
  const isDone = (): boolean =>
    world.now > last + (world.check.excused ? UNTIL_A_PERSON_LOOKS : 0) && areDone(nodes) && knowEachOther();
  await simulation.run(isDone, last + HEALING);
  return isDone();
}

/** Whether nothing is going to happen any more. */
function areDone(nodes: readonly Node[]): boolean {
  const isOpen = ({ state }: Entry): boolean => state === 'failed' || state === 'waiting';
  return nodes.every(
    ({ finished, on, resetting, dead, ledger }) =>
      dead || (finished && on && !resetting && ![...ledger.values()].some(isOpen)),
  );
}

/** Plans a fault at a time. Returns for how many seconds it lasts at most. */
type Fault = (simulation: Simulation, at: number) => number;

const cutAtAnyStep: Fault = (simulation, at) => {
  const { world } = simulation;
  const node = world.random.pick(world.nodes);
  const [steps, pause] = [world.random.whole(1, 120), world.random.pick([5, 30, 300, 1200])];
  world.agenda.plan(at, () => {
    node.fuse = steps;
    world.agenda.plan(600, () => void (node.fuse = null));
  });
  // Whoever is off then comes back.
  for (const time of [pause, 300 + pause, 650 + pause]) world.agenda.plan(at + time, () => simulation.switchOn(node));
  return 660 + pause;
};

/** Nothing but one command fails, once. */
const failAtAnyStep: Fault = (simulation, at) => {
  const { world } = simulation;
  const node = world.random.pick(world.nodes);
  const commands = world.random.whole(1, 40);
  world.agenda.plan(at, () => void (node.failing = commands));
  world.agenda.plan(at + 600, () => void (node.failing = null));
  return 600;
};

const cutAll: Fault = (simulation, at) => {
  const { world } = simulation;
  world.agenda.plan(at, () => {
    for (const node of world.nodes) simulation.cutPower(node);
  });
  const pauses = world.nodes.map(() => world.random.between(5, 900));
  world.nodes.forEach((node, index) => world.agenda.plan(at + pauses[index]!, () => simulation.switchOn(node)));
  return Math.max(...pauses);
};

const partition: Fault = (simulation, at) => {
  const { world } = simulation;
  const side = world.nodes.filter(() => world.random.chance(0.5));
  const lasts = world.random.pick([20, 120, 400, 1500]);
  world.agenda.plan(at, () => {
    world.note(null, `cut off from the others: ${side.map(({ name }) => name).join(' ')}`);
    for (const a of side) for (const b of world.nodes) if (!side.includes(b)) world.disconnect(a, b);
  });
  world.agenda.plan(at + lasts, () => world.mend());
  return lasts;
};

const cutLink: Fault = (simulation, at) => {
  const { world } = simulation;
  const [a, b] = [world.random.pick(world.masters), world.random.pick(world.masters)];
  const lasts = world.random.pick([20, 300, 1500]);
  world.agenda.plan(at, () => {
    world.note(null, `no link: ${a.name} ${b.name}`);
    world.disconnect(a, b);
  });
  world.agenda.plan(at + lasts, () => world.mend());
  return lasts;
};

/** Whether the cluster of this node outlives the loss of its data; without a majority nobody can help it. */
function isSpare(world: World, node: Node): boolean {
  const part = world.etcd.of(node);
  if (part?.member?.learner !== false) return true;
  const voters = world.etcd.voters(part.cluster);
  const left = world.etcd.intact(part.cluster).filter((each) => each.node !== node);
  const isAlone = !world.masters.some((each) => each !== node && each.data?.cluster === part.cluster.serial);
  return isAlone || left.length > voters.length / 2;
}

const reimage: Fault = (simulation, at) => {
  const { world } = simulation;
  const node = world.random.pick(world.nodes);
  const pause = world.random.pick([10, 300, 3000]);
  world.agenda.plan(at, () => {
    if (!isSpare(world, node)) return;
    simulation.cutPower(node);
    node.wipe();
    world.note(node, 'its disk is wiped');
    world.agenda.plan(pause, () => simulation.switchOn(node));
  });
  return pause;
};

const reset: Fault = (simulation, at) => {
  const { world } = simulation;
  const node = world.random.pick(world.nodes);
  world.agenda.plan(at, async () => {
    const part = world.etcd.of(node);
    const others = part === null ? [] : world.etcd.voters(part.cluster).filter((each) => each.node !== node);
    const isHeard =
      part === null || others.some((each) => world.etcd.takesRequests(each.node) && world.connected(each.node, node));
    if (node.on && !node.resetting && (isHeard || isSpare(world, node))) await simulation.reset(node);
  });
  return 120;
};

/** The power of the room fails; a master comes back with a blank disk, maybe before all others. */
const reimageInTheDark: Fault = (simulation, at) => {
  const { world } = simulation;
  const node = world.random.chance(0.7) ? world.masters[0]! : world.random.pick(world.masters);
  const pauses = world.nodes.map((each) => (each === node ? 5 : world.random.between(1, 400)));
  world.agenda.plan(at, () => {
    if (!isSpare(world, node)) return;
    for (const each of world.nodes) simulation.cutPower(each);
    node.wipe();
    world.note(node, 'its disk is wiped');
    world.nodes.forEach((each, index) => world.agenda.plan(pauses[index]!, () => simulation.switchOn(each)));
  });
  return Math.max(...pauses);
};

/** Masters get other addresses, as the documentation asks for it: once the cluster is whole, and never a majority at once. */
const moveSome =
  (most: (masters: number) => number): Fault =>
  (simulation, at) => {
    const { world } = simulation;
    const first = world.random.whole(0, world.masters.length - 1);
    const count = world.random.whole(1, most(world.masters.length));
    const pauses = Array.from({ length: count }, () => world.random.pick([10, 300]));
    world.agenda.plan(at + UNTIL_WHOLE, () => {
      const part = world.etcd.of(world.masters[first]!);
      const isWhole = world.masters.every(({ finished, dead }) => finished && !dead);
      if (!isWhole || part === null || !part.cluster.members.every(isTrue)) return;
      pauses.forEach((pause, index) => {
        const node = world.masters[(first + index) % world.masters.length]!;
        simulation.cutPower(node);
        world.definition = withAddress(world.definition, node.name, `192.168.51.${String(++world.moves)}`);
        world.note(node, 'gets another address');
        world.agenda.plan(pause, () => simulation.switchOn(node));
      });
    });
    return UNTIL_WHOLE + Math.max(...pauses);
  };
const move = moveSome(() => 1);
/** All but one: that one finds nobody, and is found by all. */
const moveTogether = moveSome((masters) => masters - 1);

const loseForGood: Fault = (simulation, at) => {
  const { world } = simulation;
  const node = world.random.pick(world.masters);
  world.agenda.plan(at, () => {
    const others = world.masters.filter((each) => each !== node);
    if (world.nodes.some(({ dead }) => dead) || !others.every(({ finished }) => finished) || !isSpare(world, node))
      return;
    simulation.cutPower(node);
    node.dead = true;
    world.note(node, 'never comes back');
  });
  return 0;
};

const FAULTS: readonly Fault[] = [
  ...[cutAtAnyStep, cutAtAnyStep, cutAtAnyStep, cutAtAnyStep, cutAll, partition, cutLink, reimage, reimage],
  ...[failAtAnyStep, failAtAnyStep, failAtAnyStep, reimageInTheDark, reset, loseForGood, move, move, moveTogether],
];

function heal(simulation: Simulation): void {
  const { world } = simulation;
  world.mend();
  world.note(null, 'all faults have healed');
  for (const node of world.nodes) {
    Object.assign(node, { fuse: null, failing: null });
    simulation.switchOn(node);
  }
  if (world.check.excused) world.agenda.plan(UNTIL_A_PERSON_LOOKS, () => uniteClusters(simulation));
}

/** What etcd-two-clusters asks of a person where the nodes cannot know which cluster is the one: the smaller one is reset. */
async function uniteClusters(simulation: Simulation): Promise<void> {
  const { world } = simulation;
  const clusterOf = (node: Node): Cluster | undefined => world.etcd.of(node)?.cluster;
  const masters = world.masters.filter((node) => !node.dead && clusterOf(node) !== undefined);
  const size = (node: Node): number => masters.filter((each) => clusterOf(each) === clusterOf(node)).length;
  const most = Math.max(...masters.map(size));
  if (masters.every((node) => size(node) === masters.length)) return;
  world.check.twoClustersAreShown();
  const given = masters.filter((node) => size(node) < most);
  for (const node of given) world.check.abandoned.add(clusterOf(node)!);
  for (const node of given) if (node.on) await simulation.reset(node);
}
