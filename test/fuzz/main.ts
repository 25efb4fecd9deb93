/**
 * `npm run fuzz [-- --runs N] [--first SEED] [--native N]`: plays mutants of definitions through `check`, `render`,
 * `explain`, `diff` and `report`, and prints the seeds of those that fail, with the failure and the smallest definition that
 * fails in the same way. The real programs then check the trees of N accepted mutants, as they check those of the
 * examples (test/image/build/native.test.ts). `COLDSTART_SEED=… npm run fuzz` plays one and prints it.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { campaign, type Failure } from './campaign.ts';
import { corpus } from './definition.ts';
import { mutant } from './mutate.ts';

const option = (name: string, otherwise: number): number => {
  const index = process.argv.indexOf(name);
  return index < 0 ? otherwise : Number(process.argv[index + 1]);
};

const textOf = (definition: Iterable<readonly [string, string]>): string =>
  [...definition].map(([path, text]) => `--- ${path}\n${text}`).join('\n');

const show = ({ seed, failure, definition }: Failure): string =>
  `\nCOLDSTART_SEED=${String(seed)} npm run fuzz   # ${failure}\n${textOf(definition)}\n`;

const one = process.env['COLDSTART_SEED'];
const [first, runs] = one === undefined ? [option('--first', 1), option('--runs', 100_000)] : [Number(one), 1];
if (one !== undefined) process.stdout.write(`${textOf(mutant(first, corpus()))}\n`);
let done = 0;
const { accepted, failures } = await campaign(first, runs, availableParallelism(), () => {
  if (++done % 1000 === 0) process.stderr.write(`${String(done)} mutants\n`);
});
for (const failure of failures) process.stdout.write(show(failure));
process.stdout.write(
  `${String(runs)} mutants, seeds ${String(first)} to ${String(first + runs - 1)}: ${String(accepted.length)} accepted, ${String(failures.length)} failed\n`,
);
const native = option('--native', 0);
const env = { ...process.env, COLDSTART_MUTANTS: String(native), COLDSTART_SEED: String(first) };
const vitest = ['vitest', 'run', '--project', 'image', 'test/image/build/native.test.ts', '-t', 'mutant'];
const status = native === 0 ? 0 : spawnSync('npx', vitest, { env, stdio: 'inherit' }).status;
process.exitCode = failures.length === 0 && status === 0 ? 0 : 1;
