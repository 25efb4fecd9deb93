/** Turns whatever ended a command early into the words and the exit code that the user gets (README, "Exit codes"). */
import { CommanderError } from 'commander';
import { BuildError, describeIoError } from '../builder/system/errors.ts';
import { SecretsError } from '../pki/errors.ts';
import { RenderError } from '../render/engine/error.ts';
import { UsageError } from '../usecases/usage.ts';

interface Failure {
  readonly exitCode: number;
  /** For stderr, with line feeds; empty when the message has already been written. */
  readonly text: string;
  /** The same as one line of JSON; empty when nothing failed. */
  readonly json: string;
}

/** @param interrupted whether the user interrupted the command; all errors are then a consequence of that */
export function describeFailure(thrown: unknown, interrupted: boolean): Failure {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return { exitCode: 0, text: '', json: '' };
  if (thrown instanceof CommanderError) return { ...failure(2, thrown.message.replace(/^error: /, '')), text: '' };
  if (interrupted) {
    const message = 'Interrupted. Existing files are unchanged.';
    return { ...failure(130, message), text: `${message}\n` };
  }
  const error = describeIoError(thrown);
  if (error instanceof UsageError) return failure(2, error.message, error.hint);
  if (error instanceof BuildError) return failure(error.exitCode, error.message, error.hint);
  if (error instanceof SecretsError) return failure(error.exitCode, error.message, error.hint);
  if (error instanceof RenderError) return failure(2, `${error.template}: ${error.message}`);
  const text = bug(error);
  return { ...failure(1, text.trimEnd()), text };
}

function failure(exitCode: number, message: string, hint?: string): Failure {
  const text = `error: ${message}\n${hint === undefined ? '' : `  = hint: ${hint}\n`}`;
  return { exitCode, text, json: `${JSON.stringify({ type: 'failure', exitCode, message, hint })}\n` };
}

function bug(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${stack}\nThis is a bug in coldstart. Please report it, with the lines above and the command.\n`;
}
