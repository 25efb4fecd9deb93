/**
 * `npm run bench [-- --skip-boot] [--skip-ceph]`: measures, prints a table and writes `out/bench.json`. Takes about eight minutes and
 * 6 GiB of room; run it on a machine that does nothing else.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { measureBoot } from './boot.ts';
import { measureFurtherNodes, measureNothingToDo, measureWholeBuild } from './build.ts';
import { measureCeph } from './ceph.ts';
import { formatTable, type Row } from './measure.ts';
import { PROJECT } from './project.ts';
import { measureRendering } from './render.ts';

const folder = await mkdtemp(join(tmpdir(), 'coldstart-bench-'));
const rows: Row[] = [];
const add = (more: readonly Row[]): void => {
  rows.push(...more);
  more.forEach(({ what, measured, against }) => void process.stderr.write(`${what}: ${measured} (${against})\n`));
};
try {
  add(await measureRendering(folder));
  add([await measureWholeBuild(folder)]);
  add([await measureNothingToDo(folder)]);
  add([await measureFurtherNodes(folder)]);
  if (!process.argv.includes('--skip-boot')) add([await measureBoot(folder)]);
  if (!process.argv.includes('--skip-ceph')) add(await measureCeph());
} finally {
  await rm(folder, { recursive: true, force: true });
}
const machine = { cores: cpus().length, memory: totalmem(), node: process.version };
await mkdir(join(PROJECT, 'out'), { recursive: true });
await writeFile(join(PROJECT, 'out/bench.json'), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
process.stdout.write(formatTable(rows));
