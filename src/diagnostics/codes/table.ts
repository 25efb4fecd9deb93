/** The shape of the registry's tables: what a code says, before its placeholders are filled in. */
import type { Severity } from '../diagnostic.ts';

export interface CodeDefinition {
  readonly severity: Severity;
  /** One sentence with `{placeholders}`. */
  readonly message: string;
  /** What to do; may use the message's placeholders and more of its own. */
  readonly hint?: string;
}

export type CodeTable = Readonly<Record<`${string}/${string}`, CodeDefinition>>;
