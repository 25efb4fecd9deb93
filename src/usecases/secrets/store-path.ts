/** Where a definition keeps its secrets store. */
import { resolve } from 'node:path';
import type { Cluster } from '../../config/cluster.ts';

/** The store, absolute. @param folder of the definition */
export function storePath({ secrets }: Cluster, folder: string): string {
  return resolve(folder, secrets.file);
}
