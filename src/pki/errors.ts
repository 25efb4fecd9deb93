/** What can be wrong with the secrets store or with a call about it: a sentence, an exit code (README, "Exit codes"), never a value. */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';
  readonly exitCode: number;
  readonly hint: string | undefined;
  /** In the file that is wrong. */
  readonly line: number | undefined;

  /** @param exitCode 2 when the user's input is wrong, 3 when it is fine but not something this version does */
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

/** Someone else was faster. What is to be written has to be made anew, from what the file holds now. */
export class ChangedMeanwhile extends SecretsError {
  constructor(path: string) {
    super(`\`${path}\` was changed by someone else meanwhile; nothing was written.`, { hint: 'run the command again' });
  }
}

/** The store is there and may well be in order, but not for whoever asks. */
export class ClosedStore extends SecretsError {}
