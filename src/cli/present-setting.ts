/** What a node's image in the output folder says of itself, to tell what a change of the definition does to a cluster that runs. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A value of `node.env` in the tree that was written last; undefined where there is none. */
export async function presentSetting(outDir: string, node: string, name: string): Promise<string | undefined> {
  const env = await readFile(join(outDir, node, 'tree/etc/cluster-config/node.env'), 'utf8').catch(() => '');
  return new RegExp(`^${name}="(.+)"$`, 'm').exec(env)?.[1];
}
