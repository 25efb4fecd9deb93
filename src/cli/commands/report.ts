/** `coldstart report`. */
import { relative } from 'node:path';
import { exitClass } from '../../diagnostics/codes.ts';
import { drawReport } from '../../report/page.ts';
import { readVersion } from '../../usecases/installation.ts';
import { gatherReport, reportFile, writeReport } from '../../usecases/report.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { writeClosed } from '../text/secrets.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface ReportOptions extends IdentityOptions {
  readonly out?: string;
}

export async function report(
  [first, second]: readonly (string | undefined)[],
  options: CommonOptions & ReportOptions,
  session: Session,
): Promise<number> {
  const request = second === undefined ? { config: first, before: undefined } : { config: second, before: first };
  const { value, diagnostics } = await gatherReport(request, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  writeClosed(value.closed, options, session);
  const page = await drawReport(value.facts, readVersion());
  const file = reportFile(session, options.out);
  await writeReport(file, page);
  const path = relative(session.cwd, file);
  if (options.json) {
    const { cluster } = value.facts;
    const bytes = Buffer.byteLength(page);
    writeJson(session, { type: 'report', cluster: cluster.name, file: path, nodes: cluster.nodes.length, bytes });
  } else session.stdout.write(`${path}: ${String(Math.ceil(Buffer.byteLength(page) / 1024))} KiB\n`);
  return 0;
}
