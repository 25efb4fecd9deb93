/** Turns whatever ended a command early into the words and the exit code that the user gets (DESIGN §6). */
import { CommanderError } from 'commander';
import { BuildError, describeIoError } from '../builder/errors.ts';
import { SecretsError } from '../pki/errors.ts';
import { RenderError } from '../render/error.ts';
import { UsageError } from './usage.ts';

export interface Failure {
  readonly exitCode: number;
  /** For stderr, line feeds included; empty when everything has been said. */
  readonly text: string;
}

/** @param interrupted whether the user asked to stop, so that any error is but the echo of that */
export function describeFailure(thrown: unknown, interrupted: boolean): Failure {
  if (thrown instanceof CommanderError) return { exitCode: thrown.exitCode === 0 ? 0 : 2, text: '' };
  if (interrupted) return { exitCode: 130, text: 'Interrupted. What was there before is as it was.\n' };
  const error = describeIoError(thrown);
  if (error instanceof UsageError) return { exitCode: 2, text: sentence(error.message, error.hint) };
  if (error instanceof BuildError) return { exitCode: error.exitCode, text: sentence(error.message, error.hint) };
  if (error instanceof SecretsError) return { exitCode: error.exitCode, text: sentence(error.message, error.hint) };
  if (error instanceof RenderError) return { exitCode: 2, text: sentence(`${error.template}: ${error.message}`) };
  return { exitCode: 1, text: bug(error) };
}

function sentence(message: string, hint?: string): string {
  return `error: ${message}\n${hint === undefined ? '' : `  = hint: ${hint}\n`}`;
}

function bug(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${stack}\nThis is a bug in coldstart. Please report it, with the lines above and the command that led here.\n`;
}
