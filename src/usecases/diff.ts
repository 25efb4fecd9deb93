/** `diff`: shows the changes that a build would make, for the reviewer of a pull request. Writes nothing. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDirectory } from '../builder/system/cache.ts';
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts';
import { compareClusters, onlyNodes, stateOf, type ClusterState, type NodeChange } from './review/comparison.ts';
import { Findings } from './findings.ts';
import { draftTrees, type Closed } from './secrets/draft-trees.ts';
import type { Host } from './host.ts';
import { mastersIn, mastersOf, movedMasters } from './running-cluster/moved-masters.ts';
import { isOutput, readOutput } from './review/output-folder.ts';
import { builtVersions, skewedVersions } from './running-cluster/kubernetes-versions.ts';
import { settingsIn, settingsOf } from './running-cluster/present-setting.ts';
import { openProject, outFolder, type Project } from './project.ts';
import { UsageError } from './usage.ts';

interface DiffRequest {
  /** A configuration, compared with its output folder; or an output folder or configuration, compared with `b`. */
  readonly a: string | undefined;
  readonly b: string | undefined;
  /** The output folder of `a`, as the user gave it; only without `b`. */
  readonly out: string | undefined;
  /** Names of the nodes to compare; all by default. */
  readonly nodes: readonly string[] | undefined;
}

interface Difference {
  readonly changes: readonly NodeChange[];
  /** The output folder, absolute, if it contains nothing to compare with; otherwise null. */
  readonly emptyOutput: string | null;
  /** Stores whose contents could not be compared. */
  readonly closed: readonly Closed[];
}

interface Side {
  /** Null for an output folder. */
  readonly project: Project | null;
  readonly state: ClusterState;
  readonly closed: readonly Closed[];
}

interface Sides {
  readonly before: ClusterState;
  readonly after: ClusterState;
  readonly emptyOutput: string | null;
  readonly closed: readonly Closed[];
}

/** @throws UsageError, SecretsError */
export async function diff(request: DiffRequest, host: Host): Promise<Result<Difference>> {
  const findings = new Findings(host);
  const sides = request.b === undefined ? await againstOutput(request, findings) : await twoSides(request, findings);
  if (sides === undefined) return findings.stopped();
  const { before, after, emptyOutput, closed } = sides;
  const changes = compareClusters(onlyNodes(before, request.nodes), onlyNodes(after, request.nodes));
  return findings.done({ changes, emptyOutput, closed });
}

async function againstOutput({ a, nodes, out }: DiffRequest, findings: Findings): Promise<Sides | undefined> {
  const project = await openProject({ config: a, nodes }, findings);
  if (project === undefined) return undefined;
  const folder = outFolder(findings.host, project.cluster.name, out);
  const present = settingsIn(folder);
  const built = await builtVersions(folder, project.cluster.name);
  const moves = [
    ...(await movedMasters(mastersOf(project), present)),
    ...skewedVersions(project, nodes, built).map(asWarning),
  ];
  if (!findings.add(moves, project.settings.frame)) return undefined;
  const before = await readOutput(folder);
  const { state: after, closed } = await sideOf(project, findings.host);
  return { before: before ?? new Map(), after, emptyOutput: before === null ? folder : null, closed };
}

async function twoSides({ a, b, out }: DiffRequest, findings: Findings): Promise<Sides | undefined> {
  if (out !== undefined) throw new UsageError('`--out` cannot be used when two sides are given.');
  const before = await readSide(a ?? '.', findings);
  const after = before && (await readSide(b ?? '.', findings));
  if (before === undefined || after === undefined) return undefined;
  const { project, state } = after;
  const [masters, present] = [project ? mastersOf(project) : mastersIn(state), settingsOf(before.state)];
  const moves = await movedMasters(masters, present);
  if (!findings.add(moves, project?.settings.frame ?? (() => undefined))) return undefined;
  return { before: before.state, after: state, emptyOutput: null, closed: [...before.closed, ...after.closed] };
}

/** The comparison of two definitions must show what a build refuses. */
const asWarning = (found: Diagnostic): Diagnostic => ({ ...found, severity: 'warning' });

/** A side is an output folder if it contains a `plan.json` and no `cluster.yaml`. */
async function readSide(path: string, findings: Findings): Promise<Side | undefined> {
  const folder = resolve(findings.host.cwd, path);
  const holdsConfig = await stat(join(folder, 'cluster.yaml')).catch(() => null);
  if (holdsConfig === null && (await isDirectory(folder)) && (await isOutput(folder))) {
    return { project: null, state: (await readOutput(folder)) ?? new Map(), closed: [] };
  }
  const project = await openProject({ config: path }, findings);
  return project && sideOf(project, findings.host);
}

async function sideOf(project: Project, host: Host): Promise<Side> {
  const { trees, closed } = await draftTrees(project, host);
  return { project, state: stateOf(project, trees), closed: closed === null ? [] : [closed] };
}
