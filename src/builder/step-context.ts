/** Common arguments of all steps of a build: the cache, interruption, progress. */
export interface StepContext {
  readonly cacheDir: string;
  readonly signal: AbortSignal | undefined;
  /** Shows one line of progress. */
  readonly report: (line: string) => void;
}

/**
 * The default modification time of all files in an image, unless SOURCE_DATE_EPOCH is set: the release of Debian 13,
 * 2025-08-09. It is constant, so that images with the same content are identical.
 */
export const DEFAULT_EPOCH = 1_754_697_600;
