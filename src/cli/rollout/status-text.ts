/** The status of a cluster as text: a table, or blocks where the terminal is too narrow for it; then what is wrong. Pure. */
import { portion } from '../../diagnostics/quantity.ts';
import type { ClusterStatus, NodeStatus } from '../../usecases/rollout/status.ts';

const COLUMNS = ['NODE', 'HEALTH', 'STATE', 'SLOT', 'RELEASE', 'IMAGE', 'KUBERNETES', 'CERTIFICATES'] as const;
/** Digits of an image's id. */
const SHORT = 12;

/** @param columns of the terminal; 0 if there is none */
export function statusText({ cluster, nodes }: ClusterStatus, columns: number): string {
  const rows = nodes.map(cells);
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const width = widths.reduce((sum, one) => sum + one + 2, -2);
  const shown = columns > 0 && width > columns ? rows.map(block) : [COLUMNS, ...rows].map((row) => line(row, widths));
  const problems = nodes.flatMap(troubles);
  const healthy = nodes.filter((node) => node.healthy === true).length;
  const all = `${portion(healthy, nodes.length)} ${nodes.length === 1 ? 'node' : 'nodes'} of cluster ${cluster} healthy.\n`;
  return [...shown, ...(problems.length === 0 ? [] : ['\n', ...problems]), '\n', all].join('');
}

function cells(node: NodeStatus): string[] {
  const health =
    node.healthy === null
      ? node.problem === null
        ? 'unknown'
        : 'unreachable'
      : node.healthy
        ? 'healthy'
        : 'NOT healthy';
  const image = node.image === null ? '-' : `${node.image.slice(0, SHORT)}${node.current === false ? ' (older)' : ''}`;
  const ends = node.certificate?.ends.slice(0, 10);
  return [
    ...[node.node, health, stateText(node), node.slot ?? '-', String(node.release ?? '-'), image],
    ...[node.kubernetes ?? '-', ends === undefined ? '-' : `until ${ends}`],
  ];
}

function stateText({ state, pending }: NodeStatus): string {
  return state === 'pending' && pending !== null ? `pending (release ${pending.release})` : (state ?? '-');
}

const line = (row: readonly string[], widths: readonly number[]): string =>
  `${row
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd()}\n`;

/** E.g. `master-01: healthy`, and a line for each known fact. */
function block(row: readonly string[]): string {
  const [name = '', health = '', ...facts] = row;
  const known = facts.flatMap((fact, index) =>
    fact === '-' ? [] : [`  ${(COLUMNS[index + 2] ?? '').toLowerCase().padEnd(12)}  ${fact}\n`],
  );
  return `${name}: ${health}\n${known.join('')}`;
}

function troubles({ node, problem, illness, returned, state, fetching, failed, warnings }: NodeStatus): string[] {
  return [
    ...(problem === null ? [] : [`${node}: ${problem}\n`]),
    ...(illness === null ? [] : [`${node}: ${illness}\n`]),
    ...(state === 'returned'
      ? [`${node}: its last update did not become good: ${returned ?? 'it does not say why'}\n`]
      : []),
    ...(fetching === null
      ? []
      : [
          `${node}: it fetches release ${fetching.release} since ${fetching.since}; its turn ends at ${fetching.until}\n`,
        ]),
    ...(failed === null
      ? []
      : [`${node}: release ${failed.release} has failed, so other nodes do not fetch updates: ${failed.reason}\n`]),
    ...warnings.map(({ step, cause, message }) => `${node}: warning: ${step}: ${message} (${cause})\n`),
  ];
}
