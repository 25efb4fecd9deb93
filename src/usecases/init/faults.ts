/** What `check` would say of files that are not written yet. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type LoadedCluster, loadCluster } from '../../config/load.ts';
import type { NewDefinition } from './definition.ts';

/** Loads the files from a folder of their own, which is then removed. */
export async function loadNew({ cluster, files }: NewDefinition): Promise<LoadedCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-init-'));
  try {
    await writeInto(folder, { cluster, files });
    return await loadCluster(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function writeInto(folder: string, { cluster, files }: NewDefinition): Promise<void> {
  for (const [path, text] of [['cluster.yaml', cluster] as const, ...files]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
}
