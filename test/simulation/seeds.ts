/**
 * Plays many seeds in parallel: scripts of different scenarios on all processors, because a scenario runs one script at
 * a time.
 */
import { availableParallelism } from 'node:os';
import { simulate, type Result } from './scenario.ts';

/** How to see what happened in one that failed. */
export const replay = ({ seed, breach, lasted }: Result): string =>
  `COLDSTART_SEED=${String(seed)} npm run simulate   # ${lasted.toFixed(0)} s: ${breach ?? 'all is well'}`;

/** Calls `played` with each result. No scenario begins after `budget` seconds. */
export async function playSeeds(
  first: number,
  count: number,
  budget: number,
  played: (result: Result) => void,
): Promise<void> {
  const end = Date.now() + budget * 1000;
  let next = first;
  const play = async (): Promise<void> => {
    while (next < first + count && Date.now() < end) played(await simulate(next++));
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, play));
}
