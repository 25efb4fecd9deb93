/** A node of the running cluster is not as it should be. */
export const NOT_WELL = 8;

/** The exit codes of all commands, for the help and the manual. */
export const EXIT_CODES: ReadonlyMap<number, string> = new Map([
  [0, 'done'],
  [1, 'a bug of coldstart'],
  [2, 'the configuration or the call is wrong'],
  [3, 'valid, but not supported'],
  [4, 'the build machine lacks something'],
  [5, 'an external program failed'],
  [6, 'reading, writing or downloading failed'],
  [7, 'an image or a download is not what it should be'],
  [NOT_WELL, 'a running node is not as it should be'],
  [130, 'interrupted, nothing half-written is left'],
]);
