/**
 * `npm run simulate [-- --runs N] [--first SEED]`: plays scenarios, on all processors, and prints the seeds of those that
 * fail. `COLDSTART_SEED=… npm run simulate` plays one and prints what happened.
 */
import { availableParallelism } from 'node:os';
import { simulate } from './scenario.ts';

const option = (name: string, otherwise: number): number => {
  const index = process.argv.indexOf(name);
  return index < 0 ? otherwise : Number(process.argv[index + 1]);
};

const one = process.env['COLDSTART_SEED'];
if (one !== undefined) {
  const { breach, trace } = await simulate(Number(one));
  process.stdout.write(`${trace.join('\n')}\n${breach ?? 'all is well'}\n`);
  process.exitCode = breach === null ? 0 : 1;
} else {
  const [runs, first] = [option('--runs', 200), option('--first', 1)];
  let [next, failed] = [first, 0];
  const play = async (): Promise<void> => {
    while (next < first + runs) {
      const { seed, breach, lasted } = await simulate(next++);
      process.stderr.write(`${seed} `);
      if (breach === null) continue;
      failed++;
      process.stdout.write(`COLDSTART_SEED=${seed} npm run simulate   # ${lasted.toFixed(0)} s: ${breach}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, play));
  process.stdout.write(`${runs} scenarios, seeds ${first} to ${first + runs - 1}: ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
