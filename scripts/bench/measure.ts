/** Measurements and their table. Every ratio compares two values of the same run. */

export interface Row {
  readonly what: string;
  /** The measured quantity, with its unit. */
  readonly measured: string;
  /** The value for comparison. */
  readonly against: string;
  readonly ratio: number | null;
  readonly aim: string;
}

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

export function formatSeconds(value: number): string {
  return value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(1)} s`;
}

/** A Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ what, measured, against, ratio, aim }) => [
    ...[what, measured, against, ratio === null ? '' : ratio.toFixed(2), aim],
  ]);
  const table = [['what', 'measured', 'against', 'ratio', 'aim'], ...cells];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => (line[column] ?? '').length)));
  const line = (parts: readonly string[]): string =>
    `| ${parts.map((part, column) => part.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [head = [], ...body] = table;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}
