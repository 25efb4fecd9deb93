/** Measures rendering, each size in a process of its own, so that the memory use is of that size only. */
import { execa } from 'execa';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readSources } from '../../src/builder/sources.ts';
import { loadCluster } from '../../src/config/load.ts';
import { inventory } from '../../src/render/tree/inventory.ts';
import { planImages, draftNodes } from '../../src/render/plan/plan.ts';
import { PROJECT } from './project.ts';
import { writeDefinition } from './definition.ts';
import { formatSeconds, seconds, type Row } from './measure.ts';

interface Rendered {
  readonly load: number;
  readonly render: number;
  /** Bytes; the peak memory use of the process. */
  readonly memory: number;
}

export async function measureRendering(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [10, 100, 1000]) {
    const definition = await writeDefinition(join(folder, `definition-${String(count)}`), count);
    const { stdout } = await execa(process.execPath, [...process.execArgv, import.meta.filename, definition]);
    const { load, render, memory } = JSON.parse(stdout) as Rendered;
    rows.push({
      what: `render ${String(count)} nodes`,
      measured: `${formatSeconds(render)}, ${(memory / 2 ** 20).toFixed(0)} MiB`,
      against: `reading and proving: ${formatSeconds(load)}`,
      ratio: null,
      aim: count === 1000 ? 'under 2 s' : '',
    });
  }
  return rows;
}

/** Plans and renders every tree with its inventory, as a build does before it packs. */
async function renderOnce(definition: string): Promise<Rendered> {
  const began = performance.now();
  const { value: cluster, diagnostics } = await loadCluster(definition);
  if (cluster === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const load = (performance.now() - began) / 1000;
  const render = await seconds(async () => {
    const sources = await readSources(PROJECT, definition);
    planImages(cluster, sources);
    const trees = draftNodes(cluster, cluster.nodes, sources).value;
    trees?.forEach((tree) => inventory(tree));
  });
  return { load, render, memory: process.resourceUsage().maxRSS * 1024 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(JSON.stringify(await renderOnce(process.argv[2] ?? '')));
}
