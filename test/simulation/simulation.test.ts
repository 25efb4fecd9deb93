/**
 * Boot orders, power cuts, partitions, wiped disks, and nodes that come, move and leave, by seed, as many as possible in the time of a test; `npm run
 * simulate` plays more. If a seed fails, the test is not at fault: see HACKING.md, "The simulation".
 */
import { expect, it } from 'vitest';
import { playSeeds, replay } from './seeds.ts';

const SEEDS = 120;
const LEAST = 2;
/** Seconds. */
const BUDGET = 75;

it('the scripts form one cluster whatever the seed', { timeout: 600_000 }, async () => {
  const failed: string[] = [];
  let played = 0;
  await playSeeds(1, SEEDS, BUDGET, (result) => {
    played++;
    if (result.breach !== null) failed.push(replay(result));
  });
  expect(failed).toEqual([]);
  expect(played).toBeGreaterThanOrEqual(LEAST);
});
