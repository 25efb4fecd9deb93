/**
 * Measures commands on fleets of 100 and 1,000 nodes as whole processes, and how their cost grows. Run `npm run build` first. With
 * `COLDSTART_BENCH_REFLINKS=FOLDER` (on XFS or btrfs, 12 GiB) also builds. With `COLDSTART_BENCH_BEFORE=FOLDER` (another checkout,
 * with its `dist`) also measures its commands, beside ours.
 */
import { execa } from 'execa';
import { mkdir, readdir, readFile, rm, statfs } from 'node:fs/promises';
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

/** A command on the fleet in `config`, with the output folder `out`. */
type Command = (config: string, out: string) => readonly string[];

const COMMANDS: Readonly<Record<string, Command>> = {
  check: (config) => ['check', config],
  render: (config, out) => ['render', config, '--out', out],
  diff: (config, out) => ['diff', config, '--out', out],
  'build --dry-run': (config, out) => ['build', config, '--dry-run', '--out', out],
};

export async function measureScale(folder: string): Promise<Row[]> {
  const fleet = (count: number): string => join(folder, `fleet-${String(count)}`);
  for (const count of [SMALL, LARGE]) await writeFleet(fleet(count), count);
  const before = process.env['COLDSTART_BENCH_BEFORE'];
  const rows: Row[] = [];
  for (const [name, command] of Object.entries(COMMANDS)) {
    const run = (project: string, count: number): Promise<Cost> => {
      const out = join(folder, `${project === PROJECT ? 'out' : 'before'}-${String(count)}`);
      return costOf(folder, command(fleet(count), out), project);
    };
    const [small, large] = [await run(PROJECT, SMALL), await run(PROJECT, LARGE)];
    rows.push(...growth(name, small, large));
    if (name === 'render') rows.push(await againstTar(folder, join(folder, `out-${String(LARGE)}`), large));
    if (before === undefined) continue;
    rows.push(
      beside(name, SMALL, small, await run(before, SMALL)),
      beside(name, LARGE, large, await run(before, LARGE)),
    );
  }
  const reflinks = process.env['COLDSTART_BENCH_REFLINKS'];
  return reflinks === undefined ? rows : [...rows, ...(await measureBuilds(folder, reflinks))];
}

/** @param project a checkout with its `dist` */
async function costOf(
  folder: string,
  args: readonly string[],
  project: string,
  env: Record<string, string> = {},
): Promise<Cost> {
  const file = join(folder, 'usage.json');
  const options = [`--import=${USAGE}`, join(project, 'dist/main.js')];
  let code: number | undefined;
  const wall = await seconds(async () => {
    const settings = { env: { ...env, BENCH_USAGE: file }, stdio: 'ignore', reject: false } as const;
    code = (await execa(process.execPath, [...options, ...args], settings)).exitCode;
  });
  if (code !== 0 && code !== 1) throw new Error(`coldstart ${args.join(' ')} failed`); // 1: `diff` found changes
  const { cpu, memory } = JSON.parse(await readFile(file, 'utf8')) as Omit<Cost, 'wall'>;
  return { wall, cpu, memory };
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function growth(name: string, small: Cost, large: Cost): Row[] {
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

function beside(name: string, count: number, ours: Cost, before: Cost): Row {
  const format = ({ wall, cpu, memory }: Cost): string =>
    `${formatSeconds(wall)}, processor ${formatSeconds(cpu)}, ${mib(memory)}`;
  return {
    what: `${name}, ${String(count)} nodes, and before`,
    measured: format(ours),
    against: `before: ${format(before)}`,
    ratio: ours.wall / before.wall,
    aim: '',
  };
}

/**
 * With `-P`: without it, GNU tar takes ten times as long for so many hard links. Nothing is removed before the end, as ext4 without
 * a journal makes new files several times more slowly for minutes after many were removed (it does not use their inodes again yet).
 */
async function againstTar(folder: string, trees: string, { wall }: Cost): Promise<Row> {
  const [archive, again] = [join(folder, 'trees.tar'), join(folder, 'untarred')];
  const count = (await readdir(trees, { recursive: true })).length;
  await execa('tar', ['-C', trees, '-cf', archive, '.']);
  await mkdir(again);
  const untar = await seconds(() => execa('tar', ['-C', again, '-xPf', archive]));
  return {
    what: `render ${String(LARGE)} nodes, ${count.toLocaleString('en')} entries`,
    measured: formatSeconds(wall),
    against: `untarring the same trees: ${formatSeconds(untar)}`,
    ratio: wall / untar,
    aim: 'at most 1.5',
  };
}

/** The cost of a further image is a part of the difference between the two builds, so it has no share of start or base. */
async function measureBuilds(folder: string, reflinks: string): Promise<Row[]> {
  const env = { COLDSTART_CACHE: join(reflinks, 'cache') };
  const build = async (count: number): Promise<Cost & { readonly room: number }> => {
    const definition = await writeDefinition(join(folder, `plain-${String(count)}`), count);
    const args = ['build', definition, '--out', join(reflinks, `out-${String(count)}`), '--log', 'silent'];
    const free = await freeBytes(reflinks);
    const cost = await costOf(folder, args, PROJECT, env);
    return { ...cost, room: free - (await freeBytes(reflinks)) };
  };
  await build(1); // fills the cache
  const [small, large] = [await build(SMALL), await build(LARGE)];
  for (const count of [1, SMALL, LARGE]) await rm(join(reflinks, `out-${String(count)}`), { recursive: true });
  const further = (of: (cost: typeof small) => number): number => (of(large) - of(small)) / (LARGE - SMALL);
  const row = (unit: string, measured: string, aim: string): Row => ({
    ...{ what: `a further image on reflinks, ${unit}`, measured, against: '', ratio: null, aim },
  });
  return [
    ...growth('build on reflinks', small, large),
    row('time', formatSeconds(further(({ wall }) => wall)), 'under 20 ms'),
    row('processor time', formatSeconds(further(({ cpu }) => cpu)), ''),
    row('room', mib(further(({ room }) => room)), 'under 1 MiB'),
  ];
}

/** Of the file system of a folder, after everything was written to the disk. */
async function freeBytes(folder: string): Promise<number> {
  await execa('sync', ['--file-system', folder]);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
