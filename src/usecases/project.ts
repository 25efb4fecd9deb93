/** The stages that most use cases share: load, validate, plan, render. */
import { join, relative, resolve } from 'node:path';
import { readSources } from '../builder/sources.ts';
import type { Cluster, Node } from '../config/cluster.ts';
import { loadCluster, type LoadedCluster } from '../config/load.ts';
import { forgetNodeRecipes } from '../render/plan/node-recipes.ts';
import { planImages, draftNodes, type Plan } from '../render/plan/plan.ts';
import type { Sources } from '../render/plan/sources.ts';
import type { DraftTree } from '../render/tree/tree.ts';
import type { Findings } from './findings.ts';
import type { Host } from './host.ts';
import { SYSTEM_FOLDER } from './installation.ts';
import type { Shard } from './shard.ts';
import { selectNodes } from './usage.ts';

export interface Project {
  readonly cluster: Cluster;
  readonly plan: Plan;
  /** The nodes of the request. */
  readonly nodes: readonly Node[];
  /** Their trees by name, as before anything was issued. */
  readonly drafts: ReadonlyMap<string, DraftTree>;
  /** Templates and overlays, the user's included. */
  readonly sources: Sources;
  /** Finds settings in the user's files. */
  readonly settings: Pick<LoadedCluster, 'locate' | 'isWritten' | 'frame'>;
  /** The folder of `cluster.yaml`. */
  readonly folder: string;
}

export interface ProjectRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** Names of nodes to render; all by default. */
  readonly nodes?: readonly string[] | undefined;
  /** The part of these nodes to render; all of them by default. */
  readonly shard?: Shard | undefined;
  /** Keeps neither the files of plans nor the recipes of nodes in memory: for a process that lives long and renders a node now and then. */
  readonly isFrugal?: boolean;
}

/** A project before its trees are rendered. */
export type OpeningProject = Pick<Project, 'cluster' | 'nodes' | 'folder'>;

/** Gets each tree as soon as it is rendered, when the next one may still be refused. */
export type ReceiveTree = (node: string, tree: DraftTree) => void;

/**
 * Loads, validates, plans and renders. Undefined if a diagnostic is an error.
 * @param begin called before the trees are rendered; may return who gets them
 * @throws UsageError for a node that the cluster does not have
 */
export async function openProject(
  request: ProjectRequest,
  findings: Findings,
  begin?: (opening: OpeningProject) => Promise<ReceiveTree | undefined>,
): Promise<Project | undefined> {
  const loaded = await loadCluster(fromProcess(findings.host, request.config ?? '.'));
  const made = loaded.value === undefined ? undefined : await make(loaded, loaded.value, request, begin);
  if (!findings.add([...loaded.diagnostics, ...(made?.diagnostics ?? [])], loaded.frame)) return undefined;
  if (!loaded.value || !made?.plan || !made.drafts) throw new Error('a stage failed without a diagnostic');
  const { plan, nodes, drafts, sources } = made;
  return { cluster: loaded.value, plan, nodes, drafts, sources, settings: loaded, folder: loaded.folder };
}

async function make(
  loaded: LoadedCluster,
  cluster: Cluster,
  request: ProjectRequest,
  begin: Parameters<typeof openProject>[2],
) {
  // Without this check, a setting that is not written would get the place of its parent.
  const locate = (setting: string) => (loaded.isWritten(setting) ? loaded.locate(setting) : undefined);
  const nodes = selectNodes(cluster, request.nodes, request.shard);
  const sources = await readSources(SYSTEM_FOLDER, loaded.folder);
  if (request.isFrugal) forgetNodeRecipes(cluster);
  const planned = planImages(cluster, sources, locate, request.isFrugal ? 'no-files' : 'files');
  const plan = planned.value;
  if (plan === undefined) return { plan, nodes, sources, drafts: undefined, diagnostics: planned.diagnostics };
  const receive = await begin?.({ cluster, nodes, folder: loaded.folder });
  const rendered = draftNodes(cluster, nodes, sources, locate, receive);
  return {
    plan,
    nodes,
    sources,
    drafts: rendered.value,
    diagnostics: [...planned.diagnostics, ...rendered.diagnostics],
  };
}

/** The names of the nodes that a request chose; undefined when it is for the whole cluster. */
export function chosenNames({ nodes, shard }: ProjectRequest, project: Project): readonly string[] | undefined {
  return nodes === undefined && shard === undefined ? undefined : project.nodes.map(({ name }) => name);
}

/** The path relative to the working directory of the process, for messages. */
export function fromProcess({ cwd }: Pick<Host, 'cwd'>, path: string): string {
  return relative(process.cwd(), resolve(cwd, path)) || '.';
}

/** The output folder of a cluster, absolute. @param out as the user gave it */
export function outFolder({ cwd }: Pick<Host, 'cwd'>, cluster: string, out: string | undefined): string {
  return out === undefined ? join(cwd, 'out', cluster) : resolve(cwd, out);
}
