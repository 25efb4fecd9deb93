/** `coldstart check`. */
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { countDiagnostics } from '../../diagnostics/report.ts';
import { check as checkDefinition } from '../../usecases/check.ts';
import { artifactFolder } from '../options/artifact-folder.ts';
import { hostOf } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface CheckOptions extends CommonOptions {
  readonly artifacts?: string;
}

/** Returns the exit code: 0 without errors, also if there are warnings; 2 or 3 with errors. */
export async function check(config: string | undefined, options: CheckOptions, session: Session): Promise<number> {
  const request = { config, artifacts: artifactFolder(options.artifacts, session) };
  const { value: cluster, diagnostics } = await checkDefinition(request, hostOf(options, session));
  if (cluster === undefined) return exitClass(diagnostics);
  const { errors, warnings } = countDiagnostics(diagnostics);
  if (options.json) {
    writeJson(session, { type: 'check', cluster: cluster.name, nodes: cluster.nodes.length, errors, warnings });
  } else {
    const words = warnings === 0 ? 'no problems found' : quantity(warnings, 'warning');
    session.stdout.write(`cluster ${cluster.name}: ${quantity(cluster.nodes.length, 'node')}, ${words}\n`);
  }
  return 0;
}
