/**
 * `npm run bench [-- NAME...]`: measures, prints a table and writes `out/bench.json`; with names (render, scale, build, boot,
 * cluster, ceph, serve, update) only these. Takes half an hour and 6 GiB of disk space; run it on an otherwise idle machine.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { measureBoot } from './boot.ts';
import { measureFurtherNodes, measureNothingToDo, measureWholeBuild } from './build.ts';
import { measureCeph } from './ceph.ts';
import { measureCluster } from './cluster.ts';
import { formatTable, type Row } from './measure.ts';
import { PROJECT } from './project.ts';
import { measureRendering } from './render.ts';
import { measureScale } from './scale.ts';
import { measureServing } from './serve.ts';
import { measureUpdate } from './update.ts';

const measures: Readonly<Record<string, (folder: string) => Promise<readonly Row[]>>> = {
  render: measureRendering,
  scale: measureScale,
  build: async (of) => {
    const whole = await measureWholeBuild(of); // fills the cache for the next measurements
    return [whole, await measureNothingToDo(of), await measureFurtherNodes(of)];
  },
  boot: async (of) => [await measureBoot(of)],
  cluster: measureCluster,
  ceph: measureCeph,
  serve: measureServing,
  update: measureUpdate,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in measures));
if (unknown.length > 0) throw new Error(`not one of ${Object.keys(measures).join(', ')}: ${unknown.join(', ')}`);

const folder = await mkdtemp(join(tmpdir(), 'coldstart-bench-'));
const rows: Row[] = [];
try {
  for (const [name, measure] of Object.entries(measures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const load = (loadavg()[0] ?? NaN).toFixed(1);
    const measured = await measure(folder);
    rows.push(...measured);
    measured.forEach(({ what, measured: value, against }) => {
      process.stderr.write(`${what}: ${value} (${against}) at load average ${load}\n`);
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const machine = { cores: cpus().length, memory: totalmem(), node: process.version };
await mkdir(join(PROJECT, 'out'), { recursive: true });
await writeFile(join(PROJECT, 'out/bench.json'), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
process.stdout.write(formatTable(rows));
