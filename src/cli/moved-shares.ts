/**
 * Compares the nodes' shares of the pod network with those of the images that lie in the output folder: they follow the order
 * of `nodes`, so taking one out would move those of all behind it, in a cluster that runs.
 */
import type { Node } from '../config/cluster.ts';
import { diagnostic } from '../diagnostics/codes.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { presentSetting } from './present-setting.ts';
import type { Project } from './project.ts';

const MOST_NAMED = 8;

/** One warning for all nodes of which the folder holds a tree with another share. */
export async function movedShares({ cluster, settings }: Project, outDir: string): Promise<readonly Diagnostic[]> {
  if (cluster.networking.cni !== 'routed') return [];
  const all = await Promise.all(cluster.nodes.map((node) => moveOf(node, outDir)));
  const moves = all.flatMap((move) => move ?? []);
  if (moves.length === 0) return [];
  const named = moves.slice(0, MOST_NAMED).join(', ');
  const rest = moves.length > MOST_NAMED ? `, and ${String(moves.length - MOST_NAMED)} more` : '';
  return [diagnostic('network/pod-share-moved', { moves: named + rest }, { at: settings.locate('nodes') })];
}

async function moveOf({ name, podCidrs }: Node, outDir: string): Promise<string | null> {
  const before = await presentSetting(outDir, name, 'NODE_POD_CIDRS');
  const now = podCidrs.join(' ');
  return before === undefined || now === '' || before === now ? null : `\`${name}\` from ${before} to ${now}`;
}
