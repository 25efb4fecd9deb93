/** Which form progress takes, and its words; no effects, so that every case is a line in a table of tests. */
import { isSet, type LogMode, type Output, type Session } from '../session.ts';

type ProgressForm = 'live' | 'plain' | 'json' | 'silent';

/** Narrower terminals would break every line of a live display. */
const NARROWEST = 40;

/**
 * A live display only where a person watches a real terminal: listr2 itself would also choose it under CI, and on
 * terminals that report no width, where it prints one character a line.
 */
export function chooseProgress(mode: LogMode, stderr: Output, env: Session['env']): ProgressForm {
  if (mode !== 'auto') return mode;
  const isCi = isSet(env['CI']) && env['CI'] !== 'false' && env['CI'] !== '0';
  return stderr.isTTY && stderr.columns > NARROWEST && !isCi && env['TERM'] !== 'dumb' ? 'live' : 'plain';
}

export interface ProgressEvent {
  readonly state: 'started' | 'done' | 'skipped' | 'failed' | 'output';
  /** Titles from the outermost task to the one that reports. */
  readonly step: readonly string[];
  /** A line of output, or why a step was skipped. */
  readonly message?: string;
  /** Since the command began. */
  readonly seconds: number;
}

/** One line without its line feed. */
export function formatEvent(event: ProgressEvent, form: 'plain' | 'json'): string {
  if (form === 'json') return JSON.stringify({ type: 'progress', ...event });
  const time = `[${event.seconds.toFixed(1).padStart(6)}s]`;
  const step = event.step.join(' > ');
  switch (event.state) {
    case 'started':
      return `${time} ${step}`;
    case 'done':
      return `${time} ${step}: done`;
    case 'skipped':
    case 'failed':
      return `${time} ${step}: ${event.state}${event.message === undefined ? '' : ` (${event.message})`}`;
    case 'output':
      return `${' '.repeat(time.length)}   ${event.message ?? ''}`;
  }
}
