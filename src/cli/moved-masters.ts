/**
 * Compares the masters' addresses with those of the images that lie in the output folder: etcd's members know each other by them,
 * and only a majority can note a new one.
 */
import { diagnostic } from '../diagnostics/codes.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { presentSetting } from './present-setting.ts';
import type { Project } from './project.ts';

/** One warning for each master of which the folder holds a tree with another address. */
export async function movedMasters({ cluster, settings }: Project, outDir: string): Promise<readonly Diagnostic[]> {
  const masters = cluster.nodes.filter(({ roles }) => roles.includes('master'));
  const moved = await Promise.all(
    masters.map(async ({ name, ips: [to = ''] }) => {
      const from = await presentSetting(outDir, name, 'NODE_IP');
      if (from === undefined || from === to) return [];
      const code = masters.length === 1 ? 'network/master-moved' : 'network/one-of-masters-moved';
      return [diagnostic(code, { node: name, from, to }, { at: settings.locate(`nodes[${name}].ip`) })];
    }),
  );
  return moved.flat();
}
