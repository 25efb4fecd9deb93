/** `check`: all stages up to the trees, and the other preconditions of a build. Writes nothing. */
import type { Cluster } from '../config/cluster.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import { Findings } from './findings.ts';
import type { Host } from './host.ts';
import { preconditions } from './prerequisites/preconditions.ts';
import { openProject } from './project.ts';

interface CheckRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** Absolute; a folder with files that Debian does not package. */
  readonly artifacts: string | null;
}

export async function check({ config, artifacts }: CheckRequest, host: Host): Promise<Result<Cluster>> {
  const findings = new Findings(host);
  const project = await openProject({ config }, findings);
  if (project === undefined) return findings.stopped();
  const found = await preconditions(project, artifacts, host);
  return findings.add(found, project.settings.frame) ? findings.done(project.cluster) : findings.stopped();
}
