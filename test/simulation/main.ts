/**
 * `npm run simulate [-- --runs N] [--first SEED]`: plays scenarios and prints the seeds of those that fail.
 * `COLDSTART_SEED=… npm run simulate` plays one and prints what happened.
 */
import { simulate } from './scenario.ts';
import { playSeeds, replay } from './seeds.ts';

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
  let failed = 0;
  await playSeeds(first, runs, Infinity, (result) => {
    process.stderr.write(`${String(result.seed)} `);
    if (result.breach === null) return;
    failed++;
    process.stdout.write(`${replay(result)}\n`);
  });
  process.stdout.write(
    `${String(runs)} scenarios, seeds ${String(first)} to ${String(first + runs - 1)}: ${String(failed)} failed\n`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}
