/** `coldstart import`. */
import { relative } from 'node:path';
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { countDiagnostics } from '../../diagnostics/report.ts';
import { type ImportReport, importFrom } from '../../usecases/import.ts';
import { hostOf } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface ImportOptions extends CommonOptions {
  readonly out?: string;
  readonly format?: string;
}

/** Returns the exit code: 0 when `check` accepts the new definition; 2 or 3 when it does not, or when none was written. */
export async function importCommand(source: string, options: ImportOptions, session: Session): Promise<number> {
  const request = { source, out: options.out, format: options.format };
  const { value, diagnostics } = await importFrom(request, hostOf(options, session));
  if (value !== undefined) {
    if (options.json) writeJson(session, summary(value, session));
    else session.stdout.write(words(value, session));
  }
  return exitClass(diagnostics);
}

function summary(report: ImportReport, session: Session) {
  const { errors, warnings } = countDiagnostics(report.findings);
  return {
    ...{
      type: 'import',
      format: report.format.name,
      folder: relative(session.cwd, report.folder),
      nodes: report.nodes,
    },
    ...{ taken: report.taken, notBrought: report.notes.length, notNeeded: report.skipped, errors, warnings },
  };
}

function words(report: ImportReport, session: Session): string {
  const folder = relative(session.cwd, report.folder);
  const { errors, warnings } = countDiagnostics(report.findings);
  const verdict = errors > 0 ? `refuses it: ${quantity(errors, 'error')}` : 'accepts it';
  const reasons = new Map<string, number>();
  for (const { reason } of report.skipped) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const notNeeded = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => `  ${count} × ${reason}\n`);
  return [
    `${folder}: ${quantity(report.nodes.length, 'node')} from ${report.format.title}\n`,
    `brought: ${quantity(report.taken, 'setting')}; named above: ${quantity(report.notes.length, 'setting')}; not needed: ${report.skipped.length}\n`,
    ...notNeeded,
    `coldstart check ${folder} ${verdict}${warnings > 0 ? `, ${quantity(warnings, 'warning')}` : ''}\n`,
  ].join('');
}
