/** Commands on ten times as many nodes do ten times as much: no function of ours runs for each pair of nodes. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorld } from '../cli/world.ts';
import { CallCounter, type Counts } from './call-counter.ts';
import { writeTalkativeFleet } from './talkative-fleet.ts';

const [SMALL, LARGE] = [30, 300];
/** Ten times as many nodes are sorted with 17 times as many comparisons, and are 100 times as many pairs. */
const MOST = 20;

const counter = new CallCounter();
beforeAll(() => counter.start());
afterAll(() => {
  counter.stop();
});

test.each([['check'], ['build', '--dry-run']])('%s: no function runs for each pair of nodes', async (...command) => {
  const { run, folder } = await makeWorld();
  const countsOf = async (nodes: number): Promise<Counts> => {
    const config = await writeTalkativeFleet(join(folder, `fleet-${String(nodes)}`), nodes);
    await counter.take();
    expect(await run(...command, config)).toMatchObject({ exitCode: 0 });
    return counter.take();
  };
  await countsOf(LARGE); // fills the caches of both sizes
  const [small, large] = [await countsOf(SMALL), await countsOf(LARGE)];
  // A block that runs as often as the one around it has no count of its own.
  const steep = [...large].filter(([place, count]) => count > MOST * Math.max(small.get(place) ?? Infinity, SMALL));
  expect(steep.map(([place, count]) => `${place}: ${String(small.get(place))}, then ${String(count)}`)).toEqual([]);
  const total = (counts: Counts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  expect(total(large) / total(small)).toBeLessThan(11);
});
