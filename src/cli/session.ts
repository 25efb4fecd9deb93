/** What a command is given of the world, so that tests can give it another: streams, environment, folder, interruption. */

/** A stream as far as a command needs it. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** Of the terminal; 0 where there is none. */
  readonly columns: number;
}

export interface Session {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The product, and nothing else. */
  readonly stdout: Output;
  /** Progress, diagnostics and failures. */
  readonly stderr: Output;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Milliseconds from any fixed moment. */
  readonly clock: () => number;
}

export type LogMode = 'auto' | 'plain' | 'json' | 'silent';

/** The options that every command has. */
export interface CommonOptions {
  /** The product as one JSON object per line. */
  readonly json?: true;
  readonly log: LogMode;
  /** Warnings are errors. */
  readonly strict?: true;
}

/** One line of a product for machines. */
export function writeJson(
  session: Session,
  record: { readonly type: string } & Readonly<Record<string, unknown>>,
): void {
  session.stdout.write(`${JSON.stringify(record)}\n`);
}

/** Whether a stream is to be coloured: https://no-color.org and https://force-color.org */
export function isColoured(output: Output, env: Session['env']): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  if (isSet(env['FORCE_COLOR'])) return env['FORCE_COLOR'] !== '0';
  return output.isTTY && env['TERM'] !== 'dumb';
}

export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
