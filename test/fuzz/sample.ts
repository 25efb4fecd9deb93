/** Mutants that the front end accepts, as clusters: for tests that check rendered trees with the real programs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';
import { corpus, write } from './definition.ts';
import { mutant } from './mutate.ts';

/** The first `count` that are accepted, by the name `mutant <seed>`; from `COLDSTART_SEED` on, where it is set. */
export async function acceptedMutants(count: number): Promise<[name: string, cluster: Cluster][]> {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-fuzz-'));
  const definitions = corpus();
  const accepted: [string, Cluster][] = [];
  for (let seed = Number(process.env['COLDSTART_SEED'] ?? 1); accepted.length < count; seed++) {
    write(folder, mutant(seed, definitions));
    const { value } = await loadCluster(folder);
    if (value !== undefined) accepted.push([`mutant ${String(seed)}`, value]);
  }
  rmSync(folder, { recursive: true });
  return accepted;
}
