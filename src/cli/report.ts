/** Shows diagnostics where they belong and says whether a command may go on. */
import { exitClass } from '../diagnostics/codes.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { diagnosticToJson, formatDiagnostics } from '../diagnostics/format.ts';
import type { FrameOf } from '../diagnostics/frame.ts';
import { isColoured, type CommonOptions, type Session } from './session.ts';

/**
 * Writes the diagnostics (to stdout with `--json`, else to stderr) and returns the exit code that they ask for: 0 when
 * the command may go on.
 */
export function reportDiagnostics(
  found: readonly Diagnostic[],
  frame: FrameOf,
  options: CommonOptions,
  session: Session,
): 0 | 2 | 3 {
  const diagnostics = options.strict ? found.map((item) => ({ ...item, severity: 'error' as const })) : found;
  const lines = diagnostics.map((item) => `${diagnosticToJson(item)}\n`).join('');
  if (options.json) session.stdout.write(lines);
  else if (options.log === 'json') session.stderr.write(lines);
  else session.stderr.write(formatDiagnostics(diagnostics, { colour: isColoured(session.stderr, session.env), frame }));
  return exitClass(diagnostics);
}
