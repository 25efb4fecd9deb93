/** Durations on the command line. */
import { UsageError } from '../../usecases/usage.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** Seconds; Node's timers are limited to 24 days. */
const LONGEST = 14 * 86_400;

/** Seconds of e.g. `90s`, `30m`, `2h`. @throws UsageError for any other text, and for more than two weeks */
export function parseDuration(text: string, option: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? 0);
  if (seconds > 0 && seconds <= LONGEST) return seconds;
  throw new UsageError(`\`${text}\` is not a duration for ${option}.`, 'e.g. 90s, 30m, 2h; at most 14d');
}
