/** One seed: a definition, the power-on times of its machines, the faults, and the required final state. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHANGES, UNTIL_WHOLE } from './changes.ts';
import { Breach } from './checks.ts';
import { FAULTS, type Fault } from './faults.ts';
import { definition, withEtcdNetwork } from './images.ts';
import { requestOf } from './joining.ts';
import type { Entry, Node } from './node.ts';
import { removeLost, uniteClusters } from './person.ts';
import { Random } from './random.ts';
import type { Run } from './run.ts';
import { Simulation } from './simulation.ts';
import { World } from './world.ts';

/** Seconds after the last fault within which everything must be in order. */
const HEALING = 2 * 3600;
const UNTIL_A_PERSON_LOOKS = 600;

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
  const distribution = random.pick(['http', 'http', 'embedded', 'external'] as const);
  const plain = definition(random.chance(0.1) ? 5 : 3, random.whole(1, 2), distribution);
  const isApart = random.chance(0.3);
  const world = new World(isApart ? withEtcdNetwork(plain) : plain, folder, random);
  if (isApart) world.note(null, 'etcd has a network of its own');
  try {
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
    world.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function play(world: World): Promise<boolean> {
  const { random, nodes } = world;
  const simulation = new Simulation(world);
  const spread = random.pick([0, 60, 60, 600, 600, 1800, 3 * 3600]);
  const starts = nodes.map(() => random.between(0, spread));
  nodes.forEach((node, index) => world.agenda.plan(starts[index]!, () => simulation.switchOn(node)));
  const begun = Math.max(...starts);
  let last = begun;
  const plan = (from: readonly Fault[], at: number): void =>
    void (last = Math.max(last, at + random.pick(from)(simulation, at)));
  // Mostly while the cluster forms, which takes three minutes.
  const when = (): number => random.between(0, begun + (random.chance(0.7) ? 200 : 1800));
  for (let count = random.whole(0, 5); count > 0; count--) plan(FAULTS, when());
  for (let count = random.whole(0, 3); count > 0; count--) {
    const at = when();
    plan(CHANGES, at);
    for (let more = random.whole(0, 2); more > 0; more--)
      plan(FAULTS, at + random.pick([0, UNTIL_WHOLE]) + random.between(0, 200));
  }
  world.agenda.plan(last, () => heal(simulation));
  const from = (): number => last + (world.check.excused ? UNTIL_A_PERSON_LOOKS : 0);
  const isDone = (): boolean => world.now > from() && areDone(world.nodes) && world.check.holds();
  await simulation.run(isDone, last + HEALING);
  await askAgain(simulation);
  return isDone();
}

/** Removed workers show their certificates. */
async function askAgain(simulation: Simulation): Promise<void> {
  const { world } = simulation;
  const master = world.masters.find(({ finished, on }) => finished && on);
  if (world.distribution !== 'http' || master === undefined) return;
  for (const node of world.removed.filter(({ isMaster }) => !isMaster)) {
    let said = '';
    const ended = ({ script }: Run): void => void (said = script.said('out'));
    await simulation.launch(master, 'cluster-join.sh', ended, { input: requestOf(node, '/v1/join') });
    await simulation.run(() => said !== '', world.now + 120);
    world.check.refusal(node, said);
  }
}

/** Whether nothing is going to happen any more. */
function areDone(nodes: readonly Node[]): boolean {
  const isOpen = ({ state }: Entry): boolean => state === 'failed' || state === 'waiting';
  return nodes.every(
    ({ finished, on, resetting, dead, ledger }) =>
      dead || (finished && on && !resetting && ![...ledger.values()].some(isOpen)),
  );
}

function heal(simulation: Simulation): void {
  const { world } = simulation;
  world.mend();
  world.note(null, 'all faults have healed');
  for (const node of world.nodes) {
    Object.assign(node, { fuse: null, failing: null });
    simulation.switchOn(node);
  }
  world.agenda.plan(UNTIL_A_PERSON_LOOKS, async () => {
    if (world.check.excused) await uniteClusters(simulation);
    await removeLost(simulation);
  });
}
