/** The way that all commands share: from a configuration on disk to plan and trees, with everything that was found. */
import { join, relative, resolve } from 'node:path';
import { readSources } from '../builder/sources.ts';
import type { Cluster, Node } from '../config/cluster.ts';
import { loadCluster, type LoadedCluster } from '../config/load.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { planImages, renderNodes, type Plan } from '../render/plan.ts';
import type { FileTree } from '../render/tree.ts';
import { reportDiagnostics } from './report.ts';
import type { CommonOptions, Session } from './session.ts';
import { SYSTEM_FOLDER } from './system.ts';
import { selectNodes } from './usage.ts';

export interface Project {
  readonly cluster: Cluster;
  readonly plan: Plan;
  /** The nodes that were asked for. */
  readonly nodes: readonly Node[];
  /** Of these nodes, by name. */
  readonly trees: ReadonlyMap<string, FileTree>;
  /** Where settings stand in the user's files. */
  readonly settings: Pick<LoadedCluster, 'locate' | 'isWritten' | 'frame'>;
  /** The folder that holds `cluster.yaml`. */
  readonly folder: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ProjectRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** Names of nodes to render; all by default. */
  readonly nodes?: readonly string[] | undefined;
}

/**
 * Loads, validates, plans and renders, and shows the diagnostics. Returns the exit code where something is wrong.
 * @throws UsageError for a node that the cluster does not have
 */
export async function openProject(
  request: ProjectRequest,
  options: CommonOptions,
  session: Session,
): Promise<Project | 2 | 3> {
  const loaded = await loadCluster(fromHere(session, request.config ?? '.'));
  const made = loaded.value === undefined ? undefined : await make(loaded, loaded.value, request.nodes);
  const diagnostics = [...loaded.diagnostics, ...(made?.diagnostics ?? [])];
  const exitCode = reportDiagnostics(diagnostics, loaded.frame, options, session);
  if (exitCode !== 0) return exitCode;
  if (!loaded.value || !made?.plan || !made.trees) throw new Error('a stage failed without a word');
  const { plan, nodes, trees } = made;
  return { cluster: loaded.value, plan, nodes, trees, settings: loaded, folder: loaded.folder, diagnostics };
}

async function make(loaded: LoadedCluster, cluster: Cluster, names: readonly string[] | undefined) {
  // Else a setting that nobody wrote would have the place of the group that it is missing from.
  const locate = (setting: string) => (loaded.isWritten(setting) ? loaded.locate(setting) : undefined);
  const nodes = selectNodes(cluster, names);
  const sources = await readSources(SYSTEM_FOLDER, loaded.folder);
  const planned = planImages(cluster, sources, locate);
  const plan = planned.value;
  if (plan === undefined) return { plan, nodes, trees: undefined, diagnostics: planned.diagnostics };
  const rendered = renderNodes(cluster, nodes, sources, locate);
  return { plan, nodes, trees: rendered.value, diagnostics: [...planned.diagnostics, ...rendered.diagnostics] };
}

/** Relative to where the process runs, as it stands in messages. */
export function fromHere(session: Session, path: string): string {
  return relative(process.cwd(), resolve(session.cwd, path)) || '.';
}

/** The output folder of a cluster, absolute. @param out as the user gave it */
export function outFolder(session: Session, cluster: string, out: string | undefined): string {
  return out === undefined ? join(session.cwd, 'out', cluster) : resolve(session.cwd, out);
}
