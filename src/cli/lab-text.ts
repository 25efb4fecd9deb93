/** The words for a lab's state: the table, one line for each change, the summary. Pure. */
import { count } from './comparison-text.ts';
import { outcomeOf, type NodeView } from '../lab/console-text.ts';
import type { LabStatus, NodeStatus } from '../lab/protocol.ts';

/** What a node is doing, in a few words. */
export function doingText(node: NodeStatus): string {
  if (node.problem !== null) return `QEMU ended: ${node.problem.split('\n').at(-1) ?? ''}`;
  if (node.power === 'off') return 'powered off';
  return node.power === 'paused' ? 'paused' : viewText(node.view);
}

const SETTLED: ReadonlySet<string> = new Set(['done', 'skipped']);

function viewText(view: NodeView): string {
  const { stage, state, entries } = view;
  const last = entries.findLast((entry) => !SETTLED.has(entry.state)) ?? entries.at(-1);
  const ledger = last && `${last.step}: ${last.state}${last.cause === '' ? '' : ` (${last.cause})`}`;
  const stages = { silent: 'switched on', booting: 'booting', login: 'login prompt' };
  return [state ?? stages[stage], ...(ledger === undefined ? [] : [ledger])].join(', ');
}

const COLUMNS = ['NODE', 'POWER', 'NETWORK', 'DOING'];

/** A line for each node, under headings. */
export function tableText(nodes: readonly NodeStatus[]): string {
  const rows = nodes.map((node) => [
    ...[node.name, node.power],
    ...[node.partitioned ? 'cut off' : 'connected', doingText(node)],
  ]);
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `${row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  return [COLUMNS, ...rows].map(line).join('');
}

/** @param now milliseconds since 1970 */
export function statusText(status: LabStatus, kubeconfig: string | null, now: number): string {
  const minutes = Math.max(0, Math.round((status.endsAt - now) / 60_000));
  const left = minutes >= 120 ? `${Math.round(minutes / 60)} hours` : count(minutes, 'minute');
  return [
    tableText(status.nodes),
    '\n',
    ...status.api.map(({ node, hostPort }) => `API server of ${node}: https://127.0.0.1:${hostPort}\n`),
    ...(status.serviceUrl === null ? [] : [`artifacts for the nodes: ${status.serviceUrl}\n`]),
    ...(status.gatewayProblem === null ? [] : [`gateway: ${status.gatewayProblem}\n`]),
    ...(kubeconfig === null ? [] : [`kubeconfig: ${kubeconfig}\n`]),
    `disks and serial logs: ${status.folder}\n`,
    `ends by itself in ${left}, or by \`coldstart lab down\`\n`,
  ].join('');
}

export type Settled = 'formed' | 'not-available' | 'stopped';

/**
 * How waiting for a node ended; null while it goes on. A step that failed is waited for, as the node tries again or a person
 * helps; a machine that is off will do nothing any more.
 */
export function settled({ power, view }: NodeStatus): Settled | null {
  if (power === 'off') return 'stopped';
  const outcome = outcomeOf(view);
  return outcome === 'formed' || outcome === 'not-available' ? outcome : null;
}
