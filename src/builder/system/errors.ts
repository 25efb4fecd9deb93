/**
 * Failures of a build other than mistakes in the configuration (diagnostics) and bugs of ours. Each has its exit code (README,
 * "Exit codes") and, if the user can do something about it, a hint.
 */

export class BuildError extends Error {
  override readonly name: string = 'BuildError';
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, options: { exitCode: number; hint?: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}

/** The build machine lacks a program, disk space or a permission. */
export function environmentError(message: string, hint?: string): BuildError {
  return new BuildError(message, hint === undefined ? { exitCode: 4 } : { exitCode: 4, hint });
}

/** An image or artifact has the wrong content. */
export function verificationError(message: string, hint?: string): BuildError {
  return new BuildError(message, hint === undefined ? { exitCode: 7 } : { exitCode: 7, hint });
}

const ENVIRONMENT_CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
};

/** Turns Node's I/O errors into a sentence; returns all other errors unchanged. */
export function describeIoError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  const reason = ENVIRONMENT_CODES[code ?? ''] ?? error.message;
  return new BuildError(path === undefined ? `I/O failed: ${reason}.` : `Cannot use \`${path}\`: ${reason}.`, {
    exitCode: 6,
    cause: error,
  });
}
