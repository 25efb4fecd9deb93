/** `coldstart init`. */
import { relative } from 'node:path';
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { countDiagnostics } from '../../diagnostics/report.ts';
import type { Machine } from '../../usecases/init/answers.ts';
import { init, type InitReport } from '../../usecases/init/init.ts';
import { hostOf } from '../host.ts';
import { openTerminal } from '../init/terminal.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface InitOptions extends CommonOptions {
  readonly name?: string;
  readonly domain?: string;
  readonly network?: readonly string[];
  readonly gateway?: readonly string[];
  readonly dns?: readonly string[];
  readonly kubernetes?: string;
  readonly adminKey?: readonly string[];
  readonly master?: readonly Partial<Machine>[];
  readonly worker?: readonly Partial<Machine>[];
  readonly ceph?: true;
  readonly virtualIp?: string;
  readonly yes?: true;
}

/** Returns the exit code: 0 when a definition was written; 2 or 3 when the answers make none that `check` accepts. */
export async function initCommand(folder: string | undefined, options: InitOptions, session: Session): Promise<number> {
  const { name, domain, network, gateway, dns, kubernetes, ceph, virtualIp } = options;
  const flags = { name, domain, network, gateway, dns, kubernetes, ceph, virtualIp, masters: options.master, workers: options.worker }; // prettier-ignore
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const { stdin } = session;
  const isAsked = options.yes !== true && stdin?.isTTY === true && session.stderr.isTTY;
  const person = isAsked ? openTerminal(stdin, session) : null;
  const request = { folder, given, keys: options.adminKey, person, home: session.env['HOME'] };
  try {
    const { value, diagnostics } = await init(request, hostOf(options, session));
    if (value === undefined) return exitClass(diagnostics);
    if (options.json) writeJson(session, summary(value, session));
    else session.stdout.write(words(value, session));
    return 0;
  } finally {
    person?.close();
  }
}

const shown = ({ folder }: InitReport, session: Session): string => relative(session.cwd, folder) || '.';

function summary(report: InitReport, session: Session) {
  const { warnings } = countDiagnostics(report.findings);
  return { type: 'init', folder: shown(report, session), files: report.files, nodes: report.nodes, warnings };
}

function words(report: InitReport, session: Session): string {
  const folder = shown(report, session);
  const of = folder === '.' ? '' : ` ${folder}`;
  return [
    `${folder}: ${quantity(report.nodes.length, 'node')} in ${quantity(report.files.length, 'file')}; coldstart check accepts it\n`,
    `next: coldstart lock${of}, then coldstart build${of}\n`,
  ].join('');
}
