/** `build --dry-run`: the plan of each node, the work of a build and its reasons, and the changes in the output folder. */
import type { Node } from '../config/cluster.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import type { ImagePlan } from '../render/plan/plan.ts';
import type { DraftTree } from '../render/tree/tree.ts';
import { prepareBuild, type BuildRequest } from './build.ts';
import { compareClusters, onlyNodes, stateOf, type NodeChange } from './review/comparison.ts';
import { Findings } from './findings.ts';
import { forecast, type Forecast } from './review/forecast.ts';
import { draftTrees, type Closed, type Drafts } from './secrets/draft-trees.ts';
import type { Host } from './host.ts';
import { readOutput } from './review/output-folder.ts';
import { chosenNames } from './project.ts';

/** The details of one node for a reviewer. */
export interface NodePreview {
  readonly node: Node;
  readonly image: ImagePlan;
  readonly tree: DraftTree;
  readonly forecast: Forecast;
}

export interface DryRun {
  readonly cluster: string;
  readonly nodes: readonly NodePreview[];
  readonly changes: readonly NodeChange[];
  readonly closed: Closed | null;
}

/** Writes and downloads nothing. With `locked` it reports unpinned downloads as errors. @throws UsageError, SecretsError */
export async function dryRun(request: BuildRequest, host: Host): Promise<Result<DryRun>> {
  const findings = new Findings(host);
  const ready = await prepareBuild(request, findings, request.locked);
  if (ready === undefined) return findings.stopped();
  const { project, outDir, artifacts } = ready;
  const { trees, closed } = await draftTrees(project, host);
  const place = { outDir, artifacts, cacheDir: host.cacheDir, epoch: request.epoch };
  const forecasts = await forecast(project, trees, place);
  const images = new Map(project.plan.nodes.map((image) => [image.node, image]));
  const nodes = project.nodes.map((node) => previewOf(node, images, trees, forecasts));
  const before = onlyNodes((await readOutput(outDir)) ?? new Map(), chosenNames(request, project));
  const changes = compareClusters(before, stateOf(project, trees));
  return findings.done({ cluster: project.cluster.name, nodes, changes, closed });
}

function previewOf(
  node: Node,
  images: ReadonlyMap<string, ImagePlan>,
  drafts: Drafts,
  forecasts: ReadonlyMap<string, Forecast>,
): NodePreview {
  const [image, tree, found] = [images.get(node.name), drafts.get(node.name), forecasts.get(node.name)];
  if (image === undefined || tree === undefined || found === undefined) throw new Error(`${node.name} was not planned`);
  return { node, image, tree, forecast: found };
}
