/**
 * A diagnostic: a problem in the user's input, with a permanent code and a place. It is data until the end of the run; only
 * `format.ts` turns it into text. Bugs in coldstart are exceptions, not diagnostics.
 */

export type Severity = 'error' | 'warning';

/** A place in one of the user's files. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Location {
  /** As the user would type it: relative to the folder of `cluster.yaml`, or absolute if the file is not in that folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Number of underlined characters, at least 1. */
  readonly length: number;
  /** The setting in path form, e.g. `nodes[0].ip`; empty for a whole file. */
  readonly path: string;
}

export interface Diagnostic {
  /** `area/kebab-case`, registered in `codes.ts`; never renamed once released. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence about the problem and its reason, in the user's terms, values in backticks. Never contains a secret. */
  readonly message: string;
  /** What the user can do, as one phrase in lower case; printed after `hint: `. */
  readonly hint?: string;
  readonly at?: Location;
  /** Other places, e.g. the first use of a duplicate name. */
  readonly related?: readonly { readonly message: string; readonly at: Location }[];
}

/** A result with its diagnostics; the value is undefined if there were errors. */
export interface Result<T> {
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
