/** The state of a lab as text: a table, and a summary. Pure. */
import { quantity } from '../../diagnostics/quantity.ts';
import { doingText } from '../../lab/console/node-status.ts';
import type { LabStatus, NodeStatus } from '../../lab/supervisor/protocol.ts';

const COLUMNS = ['NODE', 'POWER', 'NETWORK', 'DOING'];

/** A table with one line for each node. */
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
  const left = minutes >= 120 ? `${Math.round(minutes / 60)} hours` : quantity(minutes, 'minute');
  return [
    tableText(status.nodes),
    '\n',
    ...status.api.map(({ node, hostPort }) => `API server of ${node}: https://127.0.0.1:${hostPort}\n`),
    ...(status.serviceUrl === null ? [] : [`artifacts for the nodes: ${status.serviceUrl}\n`]),
    ...(status.gatewayProblem === null ? [] : [`gateway: ${status.gatewayProblem}\n`]),
    ...(kubeconfig === null ? [] : [`kubeconfig: ${kubeconfig}\n`]),
    `disks and serial logs: ${status.folder}\n`,
    `ends automatically in ${left}, or with \`coldstart lab down\`\n`,
  ].join('');
}
