/** Chooses the form of the progress display and formats its lines. Pure. */
import { isSet, type LogMode, type Output, type Session } from '../session.ts';

type ProgressForm = 'live' | 'plain' | 'json' | 'silent';

/** Columns; a narrower terminal would wrap every line of a live display. */
const NARROWEST = 40;

/**
 * A live display only on a real terminal: listr2 would also choose it under CI, and on terminals that report no width, where
 * it prints one character per line.
 */
export function chooseProgress(mode: LogMode, stderr: Output, env: Session['env']): ProgressForm {
  if (mode !== 'auto') return mode;
  const isCi = isSet(env['CI']) && env['CI'] !== 'false' && env['CI'] !== '0';
  return stderr.isTTY && stderr.columns > NARROWEST && !isCi && env['TERM'] !== 'dumb' ? 'live' : 'plain';
}

export interface ProgressEvent {
  readonly state: 'started' | 'done' | 'skipped' | 'failed' | 'output';
  /** Titles of the tasks, from the outermost to the reporting one. */
  readonly step: readonly string[];
  /** A line of output, or why a step was skipped. */
  readonly message?: string;
  /** Since the start of the command. */
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
