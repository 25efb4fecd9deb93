/**
 * What a diagnostic is: a fact about the user's input, with a permanent code and a place, kept as data until the end of
 * the run and turned into text in one module only (`format.ts`). Bugs of ours are exceptions, never diagnostics.
 */

export type Severity = 'error' | 'warning';

/** A place in one of the user's files. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Location {
  /** As the user would type it: relative to the folder that holds `cluster.yaml`, or absolute outside of it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters of the line to underline; at least 1. */
  readonly length: number;
  /** The setting in path form, e.g. `nodes[0].ip`; empty for a whole file. */
  readonly path: string;
}

export interface Diagnostic {
  /** `area/kebab-case`, registered in `codes.ts`; never renamed once released. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what is wrong and why, in the user's words, values in backticks. Never holds a secret. */
  readonly message: string;
  /** What to do about it; without a full stop in front, as `hint: …` is printed. */
  readonly hint?: string;
  readonly at?: Location;
  /** Other places that take part, e.g. the first use of a duplicated name. */
  readonly related?: readonly { readonly message: string; readonly at: Location }[];
}

/** A value, when there is one, together with everything that was found out on the way to it. */
export interface Result<T> {
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
