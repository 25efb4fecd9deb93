/** `coldstart check`: everything up to the trees, and what a build wants besides; what passes here can be built. Keeps nothing. */
import { count } from './comparison-text.ts';
import { countDiagnostics } from '../diagnostics/report.ts';
import { artifactFolder } from './artifact-folder.ts';
import { preconditions } from './preconditions.ts';
import { openProject } from './project.ts';
import { reportDiagnostics } from './report.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';

export interface CheckOptions extends CommonOptions {
  readonly artifacts?: string;
}

/** Returns the exit code: 0, also with warnings; 2 or 3 with errors. */
export async function check(config: string | undefined, options: CheckOptions, session: Session): Promise<number> {
  const project = await openProject({ config }, options, session);
  if (typeof project === 'number') return project;
  const { cluster, settings } = project;
  const found = await preconditions(project, artifactFolder(options.artifacts, session), session);
  const refused = reportDiagnostics(found, settings.frame, options, session);
  if (refused !== 0) return refused;
  const diagnostics = [...project.diagnostics, ...found];
  const { errors, warnings } = countDiagnostics(diagnostics);
  if (options.json) {
    writeJson(session, { type: 'check', cluster: cluster.name, nodes: cluster.nodes.length, errors, warnings });
  } else {
    const words = warnings === 0 ? 'nothing to complain about' : count(warnings, 'warning');
    session.stdout.write(`cluster ${cluster.name}: ${count(cluster.nodes.length, 'node')}, ${words}\n`);
  }
  return 0;
}
