/** What a node's image says of itself in `node.env`, to tell what a change of the definition does to a cluster that runs. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterState } from '../review/comparison.ts';

const NODE_ENV = 'etc/cluster-config/node.env';

/** A value of the `node.env` of a node; undefined where there is none. */
export type SettingOf = (node: string, name: string) => Promise<string | undefined>;

/** Of the trees that the output folder holds. */
export function settingsIn(outDir: string): SettingOf {
  return async (node, name) => {
    return valueOf(await readFile(join(outDir, node, 'tree', NODE_ENV), 'utf8').catch(() => ''), name);
  };
}

/** Of one side of a comparison. */
export function settingsOf(state: ClusterState): SettingOf {
  return (node, name) => Promise.resolve(settingOf(state, node, name));
}

/** The same at once. */
export function settingOf(state: ClusterState, node: string, name: string): string | undefined {
  const file = state.get(node)?.snapshot.find(({ path }) => path === NODE_ENV);
  return valueOf(new TextDecoder().decode(file?.content ?? undefined), name);
}

const valueOf = (env: string, name: string): string | undefined => new RegExp(`^${name}="(.+)"$`, 'm').exec(env)?.[1];
