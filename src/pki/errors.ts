/**
 * Errors of the secrets store and of calls on it: a sentence and an exit code (README, "Exit codes"), never a secret
 * value.
 */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';
  readonly exitCode: number;
  readonly hint: string | undefined;
  /** Place in the faulty file. */
  readonly line: number | undefined;

  /** @param exitCode 2 when the user's input is wrong, 3 when it is valid but this version does not support it */
  constructor(
    message: string,
    options: { readonly hint?: string; readonly exitCode?: 2 | 3; readonly line?: number } = {},
  ) {
    super(message);
    this.exitCode = options.exitCode ?? 2;
    this.hint = options.hint;
    this.line = options.line;
  }
}

/** Another process changed the file first. The caller must read the file again and make its content anew. */
export class ChangedMeanwhile extends SecretsError {
  constructor(path: string) {
    super(`\`${path}\` was changed by someone else meanwhile; nothing was written.`, { hint: 'run the command again' });
  }
}

/** The store exists and may be valid, but the caller cannot open it. */
export class ClosedStore extends SecretsError {}
