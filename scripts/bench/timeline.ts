/** The start-up times of a machine's units, from systemd's own timestamps, and the gaps between them. Pure. */

/** Seconds since the kernel began. */
export interface Interval {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** The properties that {@link parseUnits} reads. */
export const UNIT_PROPERTIES = ['Id', 'InactiveExitTimestampMonotonic', 'ActiveEnterTimestampMonotonic'] as const;

/**
 * From leaving `inactive` to `active`, for each unit that became active; the output of `systemctl show` (systemctl(1)).
 */
export function parseUnits(shown: string): Interval[] {
  return shown.split(/\r?\n\r?\n/).flatMap((block) => {
    const fields = new Map(block.split(/\r?\n/).map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]));
    const [name = '', begin, end] = UNIT_PROPERTIES.map((property) => fields.get(property)?.trim());
    const [from, to] = [Number(begin) / 1e6, Number(end) / 1e6];
    return name !== '' && to > 0 && to >= from ? [{ name, begin: from, end: to }] : [];
  });
}

/** The parts of `whole` that no interval covers, in their order. */
export function gaps(whole: Omit<Interval, 'name'>, intervals: readonly Interval[]): Omit<Interval, 'name'>[] {
  const found: Omit<Interval, 'name'>[] = [];
  let at = whole.begin;
  for (const { begin, end } of intervals.toSorted((a, b) => a.begin - b.begin)) {
    if (begin > at) found.push({ begin: at, end: Math.min(begin, whole.end) });
    at = Math.max(at, end);
    if (at >= whole.end) return found;
  }
  return [...found, { begin: at, end: whole.end }];
}
