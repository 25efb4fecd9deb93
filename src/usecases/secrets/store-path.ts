/** The path of the secrets store. */
import { resolve } from 'node:path';
import type { Cluster } from '../../config/cluster.ts';

/** The absolute path of the store. @param folder of the definition */
export function storePath({ secrets }: Cluster, folder: string): string {
  return resolve(folder, secrets.file);
}
