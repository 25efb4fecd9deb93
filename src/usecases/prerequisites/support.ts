/** Warns when upstream's fixes for the version of Kubernetes have ended or will end soon. */
import { endOfFixes, minorOf, releaseOf, SUPPORTED_KUBERNETES } from '../../config/kubernetes/releases.ts';
import { isMember } from '../../config/roles.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Project } from '../project.ts';

/** Months before the end in which an update should be planned. */
const NOTICE = 2;

export function endingSupport({ cluster, settings }: Pick<Project, 'cluster' | 'settings'>, now: Date): Diagnostic[] {
  const { version } = cluster.kubernetes;
  if (!cluster.nodes.some(isMember)) return [];
  const notice = new Date(endOfFixes(version));
  notice.setUTCMonth(notice.getUTCMonth() - NOTICE);
  if (now < notice) return [];
  const isOver = now.getTime() >= endOfFixes(version);
  const values = { minor: minorOf(version), date: releaseOf(version).endOfLife, supported: SUPPORTED_KUBERNETES };
  const at = settings.locate('cluster.kubernetes.version');
  return [diagnostic(isOver ? 'kubernetes/end-of-life' : 'kubernetes/end-of-life-soon', values, { at })];
}
