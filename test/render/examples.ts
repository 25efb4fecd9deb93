/** The examples of the repository as clusters, by the real front end. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';

const FOLDER = join(import.meta.dirname, '../../examples');

export const EXAMPLES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => existsSync(join(FOLDER, name, 'cluster.yaml')))
  .toSorted();

/** @throws Error with the diagnostics' messages when the example is not valid */
export async function example(name: string): Promise<Cluster> {
  return definition(join(FOLDER, name));
}

/** The cluster that a folder defines. */
export async function definition(folder: string): Promise<Cluster> {
  const { value, diagnostics } = await loadCluster(folder);
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}
