/**
 * Compares the nodes' shares of the pod network with the former ones. Shares follow the order of `nodes`, so removing a node
 * changes the shares of all nodes after it, in a running cluster.
 */
import type { Node } from '../../config/cluster.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { SettingOf } from './present-setting.ts';
import type { Project } from '../project.ts';

const MOST_NAMED = 8;

/** One warning for all nodes whose share changes. */
export async function movedPodNetworks(
  { cluster, settings }: Project,
  before: SettingOf,
): Promise<readonly Diagnostic[]> {
  if (cluster.networking.cni !== 'routed') return [];
  const all = await Promise.all(cluster.nodes.map((node) => moveOf(node, before)));
  const moves = all.flatMap((move) => move ?? []);
  if (moves.length === 0) return [];
  const named = moves.slice(0, MOST_NAMED).join(', ');
  const rest = moves.length > MOST_NAMED ? `, and ${String(moves.length - MOST_NAMED)} more` : '';
  return [diagnostic('network/pod-share-moved', { moves: named + rest }, { at: settings.locate('nodes') })];
}

async function moveOf({ name, podCidrs }: Node, before: SettingOf): Promise<string | null> {
  const from = await before(name, 'NODE_POD_CIDRS');
  const to = podCidrs.join(' ');
  return from === undefined || to === '' || from === to ? null : `\`${name}\` from ${from} to ${to}`;
}
