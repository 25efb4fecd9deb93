/** What every step of a build receives besides its input: the cache, interruption, progress. */
export interface StepContext {
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
