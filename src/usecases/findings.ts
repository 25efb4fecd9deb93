/** Collects the diagnostics of a use case and passes those of each stage to its host. A stage with an error is the last one. */
import { exitClass } from '../diagnostics/codes.ts';
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts';
import type { FrameOf } from '../diagnostics/frame.ts';
import type { Host } from './host.ts';

export class Findings {
  readonly host: Host;
  readonly #all: Diagnostic[] = [];

  constructor(host: Host) {
    this.host = host;
  }

  /** Adds the diagnostics of a stage. Returns whether the use case may continue. */
  add(found: readonly Diagnostic[], frame: FrameOf): boolean {
    const judged = this.host.strict ? found.map((item) => ({ ...item, severity: 'error' as const })) : found;
    this.#all.push(...judged);
    if (judged.length > 0) this.host.onDiagnostics(judged, frame);
    return exitClass(judged) === 0;
  }

  /** The result of a use case without errors. */
  done<T>(value: T): Result<T> {
    return { value, diagnostics: this.#all };
  }

  /** The result of a use case that an error stopped. */
  stopped(): Result<never> {
    return { value: undefined, diagnostics: this.#all };
  }
}
