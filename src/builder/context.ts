/** What every step of a build is given besides its input: where to keep things, how to be stopped, how to tell. */
export interface Step {
  readonly cacheDir: string;
  readonly signal: AbortSignal | undefined;
  /** Shows one line of progress. */
  readonly report: (line: string) => void;
}

/**
 * The time that every file of an image carries unless SOURCE_DATE_EPOCH says otherwise: the release of Debian 13,
 * 2025-08-09. A constant, so that images differ only where their content does.
 */
export const DEFAULT_EPOCH = 1_754_697_600;
