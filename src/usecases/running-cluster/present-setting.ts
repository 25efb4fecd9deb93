/** Reads a setting from the `node.env` in a node's present image, to detect changes that affect a running cluster. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterState } from '../review/comparison.ts';

const NODE_ENV = 'etc/cluster-config/node.env';

/** A value of the `node.env` of a node; undefined when it is missing. */
export type SettingOf = (node: string, name: string) => Promise<string | undefined>;

/** Reads from the trees in the output folder. */
export function settingsIn(outDir: string): SettingOf {
  return async (node, name) => {
    return valueOf(await readFile(join(outDir, node, 'tree', NODE_ENV), 'utf8').catch(() => ''), name);
  };
}

/** Reads from one side of a comparison. */
export function settingsOf(state: ClusterState): SettingOf {
  return (node, name) => Promise.resolve(settingOf(state, node, name));
}

/** The same without a promise. */
export function settingOf(state: ClusterState, node: string, name: string): string | undefined {
  const file = state.get(node)?.snapshot.find(({ path }) => path === NODE_ENV);
  return valueOf(new TextDecoder().decode(file?.content ?? undefined), name);
}

const valueOf = (env: string, name: string): string | undefined => new RegExp(`^${name}="(.+)"$`, 'm').exec(env)?.[1];
