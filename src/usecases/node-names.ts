/** Names of nodes, for a shell that completes them. */
import { loadCluster } from '../config/load.ts';
import type { Host } from './host.ts';
import { fromProcess } from './project.ts';

/** The names in the order of the definition. None if the definition is missing or has errors: completion reports nothing. */
export async function nodeNames(config: string | undefined, host: Host): Promise<readonly string[]> {
  try {
    const { value } = await loadCluster(fromProcess(host, config ?? '.'));
    return value?.nodes.map(({ name }) => name) ?? [];
  } catch {
    return [];
  }
}
