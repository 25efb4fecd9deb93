/**
 * The environment of a use case, and the receiver of its progress. A use case prints nothing: it returns a value and
 * diagnostics, and it reports the progress of long steps to the host.
 */
import type { ListrTask } from 'listr2';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { FrameOf } from '../diagnostics/frame.ts';
import type { Kept } from '../pki/store/keep.ts';
import type { Secret } from '../pki/secret.ts';

export interface Host {
  /** Absolute; relative paths of a request start here. */
  readonly cwd: string;
  /** Absolute; for base layers, shared ISOs and downloads. */
  readonly cacheDir: string;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Milliseconds since an arbitrary fixed time. */
  readonly clock: () => number;
  /** The day for which support is judged: `SOURCE_DATE_EPOCH`, or when the command began. */
  readonly now: Date;
  /** Warnings count as errors. */
  readonly strict: boolean;
  /** The age identities of the user; read only if the secrets store is encrypted. */
  readonly identities: () => Promise<readonly Secret[]>;
  /** Receives the diagnostics of a stage as soon as they are known. */
  readonly onDiagnostics: (found: readonly Diagnostic[], frame: FrameOf) => void;
  /** Receives the changes of the secrets store once it is saved. `file`: the store, as the definition names it */
  readonly onSecretsKept: (kept: Kept, file: string) => void;
  /** Runs the tasks in order on one context and shows their progress. @throws the error of the first task that fails */
  readonly runTasks: <T extends object>(tasks: ListrTask<T>[], context: T) => Promise<T>;
}
