/** `coldstart check`: everything up to the trees, so that what passes here can be built; keeps nothing. */
import { count } from './comparison-text.ts';
import { countDiagnostics } from '../diagnostics/report.ts';
import { openProject } from './project.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';

/** Returns the exit code: 0, also with warnings; 2 or 3 with errors. */
export async function check(config: string | undefined, options: CommonOptions, session: Session): Promise<number> {
  const project = await openProject({ config }, options, session);
  if (typeof project === 'number') return project;
  const { cluster, diagnostics } = project;
  const { errors, warnings } = countDiagnostics(diagnostics);
  if (options.json) {
    writeJson(session, { type: 'check', cluster: cluster.name, nodes: cluster.nodes.length, errors, warnings });
  } else {
    const found = warnings === 0 ? 'nothing to complain about' : count(warnings, 'warning');
    session.stdout.write(`cluster ${cluster.name}: ${count(cluster.nodes.length, 'node')}, ${found}\n`);
  }
  return 0;
}
