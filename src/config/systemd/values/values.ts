/**
 * Values of settings with a simple form: which values systemd ignores, and why. Sources: systemd.syntax(7), systemd.time(7);
 * parse_boolean(), parse_sec() and path_simplify_and_warn() in its source. Values with a specifier (`%i`) are not checked.
 */
import type { Form } from '../settings.ts';

export interface ValueFault {
  readonly reason: string;
  readonly hint?: string | undefined;
}

/** Why a value is wrong, as a clause; undefined if no fault is known. */
export type Check = (value: string) => string | undefined;

export const BOOLEAN = /^(1|yes|y|true|t|on|0|no|n|false|f|off)$/i;

const UNITS =
  'seconds|second|sec|s|minutes|minute|min|months|month|M|msec|ms|m|hours|hour|hr|h|days|day|d|weeks|week|w|years|year|y|usec|us|µs|μs';
const SPAN = new RegExp(`^(\\s*\\+?(\\d{1,13}(?!\\d)(\\.\\d+)?|\\.\\d+)\\s*(${UNITS})?)+\\s*$`);

/** Whether a value is a time span of systemd.time(7). */
const isSpan = (value: string): boolean => value === 'infinity' || SPAN.test(value);

/** Seconds in a unit of time. Months and years are rare, and long for all uses here. */
const SECONDS: Readonly<Record<string, number>> = {
  u: 1e-6,
  µ: 1e-6,
  μ: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

/** A time span in seconds; undefined if it is not a time span. */
export function secondsOf(span: string): number | undefined {
  if (span === 'infinity') return Infinity;
  if (!isSpan(span)) return undefined;
  const parts = [...span.matchAll(/([\d.]+)\s*([a-zµμ]*)/gi)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * factor(unit), 0);
}

function factor(unit: string): number {
  if (/^(M$|mo|w|y)/.test(unit)) return 604_800;
  if (/^m(s|sec)$/.test(unit)) return SECONDS['ms'] ?? 0;
  return SECONDS[unit[0] ?? 's'] ?? 1;
}

/** Source: systemd.time(7), "Parsing time spans". */
export const span: Check = (value) =>
  isSpan(value) ? undefined : `\`${value}\` is not a time span, such as \`30\` (seconds), \`5min\` or \`1h 30min\``;

export const absolute: Check = (path) => {
  if (!path.startsWith('/')) return `\`${path}\` is not an absolute path`;
  return /(^|\/)\.\.(\/|$)/.test(path) ? `\`${path}\` contains \`..\`` : undefined;
};

const CHECKS: Readonly<Record<Form, Check | undefined>> = {
  boolean: (value) => (BOOLEAN.test(value) ? undefined : `\`${value}\` is neither \`yes\` nor \`no\``),
  span,
  mode: (value) => (/^0*[0-7]{1,4}$/.test(value) ? undefined : `\`${value}\` is not a mode in octal, such as \`0644\``),
  path: (value) => (value === '' ? undefined : absolute(value.replace(/^-/, ''))),
  paths: (value) =>
    words(value)
      .map((word) => absolute(word.replace(/^[-+:!]+/, '')))
      .find(Boolean),
  condition: (value) => (value === '' ? undefined : absolute(value.replace(/^\|?\s*!?\s*/, ''))),
  command: undefined,
  other: undefined,
};

/** The words of a value; none if it has quotes, because quoted words may contain blanks. */
const words = (value: string): readonly string[] => (/["'\\]/.test(value) ? [] : value.split(/\s+/).filter(Boolean));

/** In values of these forms, `%` is never a specifier. */
const LITERAL: readonly Form[] = ['boolean', 'span', 'mode'];

/** The fault in the form of a value. */
export function formFault(form: Form, value: string): string | undefined {
  return value.includes('%') && !LITERAL.includes(form) ? undefined : CHECKS[form]?.(value);
}
