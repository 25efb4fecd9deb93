/** Rollouts over a simulated cluster: hundreds of runs with random faults; and what is said in single cases. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRollout, type PlannedNode, type PlanRequest } from '../../src/usecases/rollout/plan.ts';
import { rollOut, type Rollout } from '../../src/usecases/rollout/rollout.ts';
import { Killed, Model, NEW, type Chances } from './model.ts';

const NONE: Chances = { fails: 0, lost: 0, cut: 0, killed: 0, interrupted: 0, bad: 0 };
const LIMITS = { spare: 300, leave: 200, back: 1200, pause: 5 };

const master = (name: string): PlannedNode => node(name, { isMaster: true });
const worker = (name: string): PlannedNode => node(name, {});
const storage = (name: string): PlannedNode => node(name, { isMember: false, isStorage: true });
const node = (name: string, more: Partial<PlannedNode>): PlannedNode => ({
  ...{ name, isMaster: false, isMember: true, isStorage: false, hasStateDisk: true },
  ...more,
});
const named = (count: number, make: (name: string) => PlannedNode, kind: string): PlannedNode[] =>
  Array.from({ length: count }, (_, index) => make(`${kind}-${index + 1}`));

async function planOf(model: Model, nodes: readonly PlannedNode[], more: Partial<PlanRequest> = {}) {
  const seen = new Map<string, Awaited<ReturnType<Model['look']>>>();
  for (const { name } of nodes) seen.set(name, await model.look(name));
  const wanted = new Map(nodes.map(({ name }) => [name, { image: NEW, release: 2, kubernetes: '1.35.4' }]));
  // Nodes of this name have only labels that change.
  const live = nodes.filter(({ name }) => name.startsWith('label'));
  const comparisons = new Map(live.map(({ name }) => [name, { live: true, changed: ['etc/kubernetes/own-labels'] }]));
  const request = { nodes, chosen: undefined, wanted, seen, differences: new Map(), comparisons, preconditions: [] };
  return planRollout({ ...request, force: false, ...more });
}

/** One call of the program. */
async function attempt(
  model: Model,
  nodes: readonly PlannedNode[],
  parallel: number,
  holder = `person-${model.now()}`,
): Promise<Rollout | null> {
  model.begin();
  try {
    const plan = await planOf(model, nodes);
    if (plan.refusals.length > 0) return null;
    const silent = { tell: () => undefined, ended: () => undefined };
    return await rollOut({ plan, nodes, parallel, drains: true, limits: LIMITS, ...silent }, model.as(holder));
  } catch (error) {
    if (error instanceof Killed) return null;
    throw error;
  } finally {
    model.end();
  }
}

const chance = (most: number) => fc.double({ min: 0, max: most, noNaN: true });
const CASES = fc.record({
  seed: fc.nat(),
  masters: fc.constantFrom(1, 2, 3, 5),
  workers: fc.nat(6),
  stores: fc.nat(3),
  labels: fc.nat(3),
  parallel: fc.integer({ min: 1, max: 4 }),
  chances: fc.record({
    ...{ fails: chance(0.05), lost: chance(0.05), cut: chance(0.02), killed: chance(0.03), interrupted: chance(0.01) },
    bad: chance(0.3),
  }),
});

test('whatever happens, no quorum is lost, not too many are away, and it goes on to the end', async () => {
  await fc.assert(
    fc.asyncProperty(CASES, async ({ seed, masters, workers, stores, labels, parallel, chances }) => {
      const nodes = [
        ...named(labels, worker, 'label'),
        ...named(workers, worker, 'worker'),
        ...named(stores, storage, 'store'),
        ...named(masters, master, 'master'),
      ];
      const model = new Model(nodes, seed, chances, parallel);
      for (let run = 0; run < 5; run++) {
        await attempt(model, nodes, parallel);
        await model.pause(300);
      }
      // Good times: a person calls it until it is done.
      model.chances = NONE;
      for (let run = 0; run < 3; run++) {
        await model.pause(300);
        await attempt(model, nodes, parallel);
      }
      expect(model.broken).toEqual([]);
      for (const { image, cordoned, marked, held, pending, live } of model.machines.values()) {
        expect({ image: live ?? image, cordoned, marked, held, pending }).toEqual({
          ...{ image: NEW, cordoned: false, marked: false, held: false, pending: live },
        });
      }
    }),
    { numRuns: Number(process.env['COLDSTART_RUNS'] ?? 300) },
  );
});

test('two rollouts at the same time: one of them has the lease, and nothing is done without it', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(CASES, fc.nat(3), async ({ seed, masters, workers, stores, labels, parallel, chances }, late) => {
      const nodes = [
        ...[...named(labels, worker, 'label'), ...named(workers, worker, 'worker')],
        ...[...named(stores, storage, 'store'), ...named(masters, master, 'master')],
      ];
      const model = new Model(nodes, seed, { ...chances, interrupted: 0 }, parallel);
      const person = async (name: string): Promise<void> => {
        for (let run = 0; run < 6; run++) {
          for (let turn = 0; turn < late; turn++) await model.pause(40);
          const done = await attempt(model, nodes, parallel, `${name}-${run}`);
          if (done?.refusal?.includes('has it') === true) refused++;
        }
      };
      await Promise.all([person('alice'), person('bob')]);
      model.chances = NONE;
      for (let run = 0; run < 3; run++) {
        await model.pause(300);
        await attempt(model, nodes, parallel);
      }
      expect(model.broken).toEqual([]);
      expect([...model.machines.values()].filter(({ cordoned, held }) => cordoned || held)).toEqual([]);
      expect([...model.machines.values()].map(({ image, live }) => live ?? image)).toEqual(nodes.map(() => NEW));
    }),
    { numRuns: Number(process.env['COLDSTART_RUNS'] ?? 300) },
  );
  expect(refused).toBeGreaterThan(10);
});

describe('without faults', () => {
  const nodes = [...named(5, worker, 'worker'), ...named(2, storage, 'store'), ...named(3, master, 'master')];

  test('masters, storage, workers; each is released', async () => {
    const model = new Model(nodes, 1, NONE, 2);
    const done = await attempt(model, nodes, 2);
    expect(done?.left).toEqual([]);
    expect(done?.outcomes.map(({ node: name, state }) => `${name} ${state}`).slice(0, 5)).toEqual([
      ...['master-1 done', 'master-2 done', 'master-3 done', 'store-1 done', 'store-2 done'],
    ]);
    expect(model.log.filter((line) => line.includes('restart'))).toHaveLength(10);
    const again = await planOf(model, nodes);
    expect([again.changes, again.current.length]).toEqual([[], 10]);
  });

  test('an image that does not become good stops it, and the node takes part as before', async () => {
    const model = new Model(nodes, 1, { ...NONE, bad: 1 }, 2);
    const done = await attempt(model, nodes, 2);
    expect(done?.outcomes).toEqual([
      { node: 'master-1', state: 'unchanged', reason: 'it returned to its former slot: kubelet: not ready' },
    ]);
    expect(done?.left).toHaveLength(9);
    expect([...model.machines.values()].filter(({ cordoned, held }) => cordoned || held)).toEqual([]);
  });

  test('nothing is restarted while a master is away', async () => {
    const model = new Model(nodes, 1, NONE, 2);
    Object.assign(model.machines.get('master-2')!, { upAt: 1e9 });
    const plan = await planOf(model, nodes);
    expect(plan.refusals).toEqual(['master-2: it cannot be reached']);
    const forced = await planOf(model, nodes, { force: true });
    const silent = { tell: () => undefined, ended: () => undefined };
    const done = await rollOut(
      { plan: forced, nodes, parallel: 2, drains: true, limits: LIMITS, ...silent },
      model.as('b'),
    );
    expect(done.outcomes).toEqual([{ node: 'master-1', state: 'unchanged', reason: 'another master is away' }]);
    expect(model.log.filter((line) => line.includes('restart'))).toEqual([]);
  });

  test('a change without a restart leaves the node in service', async () => {
    const both = [...named(20, worker, 'label'), ...named(3, master, 'master')];
    const model = new Model(both, 1, NONE, 2);
    const done = await attempt(model, both, 2);
    expect([done?.left, done?.outcomes.filter(({ state }) => state !== 'done')]).toEqual([[], []]);
    expect(restarts(model)).toHaveLength(3);
    expect(model.log.filter((line) => /(drain|spare|hold|release) label/.test(line))).toEqual([]);
    expect(model.machines.get('label-1')).toMatchObject({ live: NEW, pending: NEW, boots: 1 });
    expect((await planOf(model, both)).current).toHaveLength(23);
    // Its next start runs the new slot.
    await model.restart('label-1');
    await model.pause(600);
    expect((await planOf(model, both)).current).toHaveLength(23);
    expect(model.machines.get('label-1')).toMatchObject({ image: NEW, live: null, pending: null });
  });

  test('files that a node does not take stop it, and the node is as before', async () => {
    const both = [...named(2, worker, 'label'), ...named(1, master, 'master')];
    const model = new Model(both, 1, NONE, 2);
    model.takeLive = () => Promise.resolve('a manifest is refused');
    expect(states((await attempt(model, both, 2))!)).toEqual([
      ...['label-1 unchanged: a manifest is refused', 'label-2 unchanged: a manifest is refused'],
    ]);
    expect(restarts(model)).toEqual([]);
    expect(model.machines.get('label-1')!.pending).toBe(null);
  });

  const restarts = (model: Model): string[] => model.log.filter((line) => line.includes('restart'));
  const states = ({ outcomes }: Rollout): string[] =>
    outcomes.map((one) => `${one.node} ${one.state}${one.state === 'done' ? '' : `: ${one.reason}`}`);

  test('a master that fails while the pods of another are moved', async () => {
    const model = new Model(nodes, 1, NONE, 2);
    const { drain } = model;
    model.drain = async (name) => {
      Object.assign(model.machines.get('master-3')!, { upAt: 1e9 });
      return drain(name);
    };
    expect(states((await attempt(model, nodes, 2))!)).toEqual(['master-1 unchanged: another master is away']);
    expect(restarts(model)).toEqual([]);
    const { cordoned, pending } = model.machines.get('master-1')!;
    expect({ cordoned, pending }).toEqual({ cordoned: false, pending: null });
  });

  test('pods that may not be moved', async () => {
    const model = new Model(nodes, 1, NONE, 2);
    model.drain = () => Promise.resolve('pod web-1: its PodDisruptionBudget does not allow it');
    expect(states((await attempt(model, nodes, 2))!)).toEqual([
      'master-1 unchanged: pod web-1: its PodDisruptionBudget does not allow it',
    ]);
    expect(model.machines.get('master-1')!.pending).toBe(null);
  });

  test('a node that tries the wanted image already is only awaited', async () => {
    const model = new Model(nodes, 1, NONE, 2);
    Object.assign(model.machines.get('worker-1')!, { image: NEW, former: 'a'.repeat(64), goodAt: 500, marked: true });
    const done = await attempt(model, nodes, 2);
    expect([done?.left, restarts(model).length]).toEqual([[], 9]);
    expect(model.machines.get('worker-1')).toMatchObject({ boots: 1, marked: false, cordoned: false });
  });

  test('an interruption before the restart takes all back; after it, the node goes on alone', async () => {
    const model = new Model(nodes, 1, NONE, 2);
    let interrupted = false;
    model.interrupted = () => interrupted;
    const { drain, restart } = model;
    model.drain = (name) => {
      interrupted = true;
      return drain(name);
    };
    expect(states((await attempt(model, nodes, 2))!)).toEqual(['master-1 unchanged: interrupted']);
    expect(model.machines.get('master-1')).toMatchObject({ pending: null, cordoned: false, marked: false });
    interrupted = false;
    model.drain = drain;
    model.restart = (name) => {
      interrupted = true;
      return restart(name);
    };
    const { outcomes } = (await attempt(model, nodes, 2))!;
    expect(outcomes).toMatchObject([{ node: 'master-1', state: 'open' }]);
    interrupted = false;
    model.restart = restart;
    await model.pause(600);
    expect((await attempt(model, nodes, 2))?.left).toEqual([]);
    expect([...model.machines.values()].filter(({ cordoned, marked }) => cordoned || marked)).toEqual([]);
  });
});
