/**
 * Measures commands on fleets of 100 and 1,000 nodes as whole processes, and how their cost grows. Run `npm run build` first. With
 * `COLDSTART_BENCH_REFLINKS=FOLDER` (on XFS or btrfs, 12 GiB) also builds.
 */
import { execa } from 'execa';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDefinition, writeFleet } from './definition.ts';
import { formatSeconds, seconds, type Row } from './measure.ts';
import { PROJECT } from './project.ts';

const [SMALL, LARGE] = [100, 1000];
const AIM = 'at most 11';

interface Cost {
  readonly wall: number;
  /** Seconds of the process itself, without programs that it starts. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

/** Loaded into a measured process: writes its processor time and memory to a file at its end. */
const USAGE = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs';
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); // microseconds, KiB
    const usage = { cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 };
    writeFileSync(process.env['BENCH_USAGE'], JSON.stringify(usage));
  });
`)}`;

export async function measureScale(folder: string): Promise<Row[]> {
  const fleet = (count: number): string => join(folder, `fleet-${String(count)}`);
  const out = (count: number): string => join(folder, `fleet-out-${String(count)}`);
  for (const count of [SMALL, LARGE]) await writeFleet(fleet(count), count);
  const commands: readonly (readonly [string, (count: number) => readonly string[]])[] = [
    ['check', (count) => ['check', fleet(count)]],
    ['render', (count) => ['render', fleet(count), '--out', out(count)]],
    ['diff', (count) => ['diff', fleet(count), '--out', out(count)]],
    ['build --dry-run', (count) => ['build', fleet(count), '--dry-run', '--out', out(count)]],
  ];
  const rows: Row[] = [];
  for (const [name, args] of commands) {
    const small = await costOf(folder, args(SMALL));
    const large = await costOf(folder, args(LARGE));
    rows.push(...growth(name, small, large));
    if (name === 'render') rows.push(await againstTar(folder, out(LARGE), large));
  }
  const reflinks = process.env['COLDSTART_BENCH_REFLINKS'];
  return reflinks === undefined ? rows : [...rows, ...(await measureBuilds(folder, reflinks))];
}

async function costOf(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Cost> {
  const file = join(folder, 'usage.json');
  const options = [`--import=${USAGE}`, join(PROJECT, 'dist/main.js')];
  let code: number | undefined;
  const wall = await seconds(async () => {
    const settings = { env: { ...env, BENCH_USAGE: file }, stdio: 'ignore', reject: false } as const;
    code = (await execa(process.execPath, [...options, ...args], settings)).exitCode;
  });
  if (code !== 0 && code !== 1) throw new Error(`coldstart ${args.join(' ')} failed`); // 1: `diff` found changes
  const { cpu, memory } = JSON.parse(await readFile(file, 'utf8')) as Omit<Cost, 'wall'>;
  return { wall, cpu, memory };
}

function growth(name: string, small: Cost, large: Cost): Row[] {
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const row = (unit: string, of: (cost: Cost) => number, format: (value: number) => string): Row => ({
    what: `${name}, ${unit}`,
    measured: `${String(LARGE)} nodes: ${format(of(large))}`,
    against: `${String(SMALL)} nodes: ${format(of(small))}`,
    ratio: of(large) / of(small),
    aim: AIM,
  });
  return [
    row('time', ({ wall }) => wall, formatSeconds),
    row('processor time', ({ cpu }) => cpu, formatSeconds),
    row('memory', ({ memory }) => memory, mib),
  ];
}

async function againstTar(folder: string, trees: string, { wall }: Cost): Promise<Row> {
  const [archive, again] = [join(folder, 'trees.tar'), join(folder, 'untarred')];
  await execa('tar', ['-C', trees, '-cf', archive, '.']);
  await mkdir(again);
  const untar = await seconds(() => execa('tar', ['-C', again, '-xf', archive]));
  await rm(again, { recursive: true });
  const against = `untarring the same trees: ${formatSeconds(untar)}`;
  return {
    what: `render ${String(LARGE)} nodes`,
    measured: formatSeconds(wall),
    against,
    ratio: wall / untar,
    aim: 'at most 1.5',
  };
}

async function measureBuilds(folder: string, reflinks: string): Promise<Row[]> {
  const env = { COLDSTART_CACHE: join(reflinks, 'cache') };
  const build = async (count: number): Promise<Cost> => {
    const definition = await writeDefinition(join(folder, `plain-${String(count)}`), count);
    return costOf(
      folder,
      ['build', definition, '--out', join(reflinks, `out-${String(count)}`), '--log', 'silent'],
      env,
    );
  };
  await build(1); // fills the cache
  const [small, large] = [await build(SMALL), await build(LARGE)];
  for (const count of [1, SMALL, LARGE]) await rm(join(reflinks, `out-${String(count)}`), { recursive: true });
  return growth('build on reflinks', small, large);
}
