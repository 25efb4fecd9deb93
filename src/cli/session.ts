/** The environment of a command, which tests replace: streams, variables, working directory, interruption. */

/** An output stream. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** Of the terminal; 0 if the stream is not a terminal. */
  readonly columns: number;
}

/** The input that the user types into. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

export interface Session {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined if nobody can be asked. */
  readonly stdin?: Input;
  /** Receives only the result of the command. */
  readonly stdout: Output;
  /** Receives progress, diagnostics and failures. */
  readonly stderr: Output;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Milliseconds since an arbitrary fixed time. */
  readonly clock: () => number;
  /** When the command began. */
  readonly now: Date;
}

export type LogMode = 'auto' | 'plain' | 'json' | 'silent';

/** The options of all commands. */
export interface CommonOptions {
  /** Writes the result as one JSON object per line. */
  readonly json?: true;
  readonly log: LogMode;
  /** Warnings are errors. */
  readonly strict?: true;
}

/** Writes one JSON object of a command's result. */
export function writeJson(
  session: Session,
  record: { readonly type: string } & Readonly<Record<string, unknown>>,
): void {
  session.stdout.write(`${JSON.stringify(record)}\n`);
}

/** Whether to use colours on a stream: https://no-color.org and https://force-color.org */
export function isColoured(output: Output, env: Session['env']): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  if (isSet(env['FORCE_COLOR'])) return env['FORCE_COLOR'] !== '0';
  return output.isTTY && env['TERM'] !== 'dumb';
}

export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
