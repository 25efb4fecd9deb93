/** Writes diagnostics to a stream. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { diagnosticToJson, formatDiagnostics } from '../../diagnostics/format.ts';
import type { FrameOf } from '../../diagnostics/frame.ts';
import { isColoured, type CommonOptions, type Session } from '../session.ts';

/** Writes to stdout with `--json`, else to stderr. */
export function reportDiagnostics(
  diagnostics: readonly Diagnostic[],
  frame: FrameOf,
  options: CommonOptions,
  session: Session,
): void {
  const lines = diagnostics.map((item) => `${diagnosticToJson(item)}\n`).join('');
  if (options.json) session.stdout.write(lines);
  else if (options.log === 'json') session.stderr.write(lines);
  else session.stderr.write(formatDiagnostics(diagnostics, { colour: isColoured(session.stderr, session.env), frame }));
}
