/** Decides what a build has to do, and checks that this machine can do it. The steps of the build share the result. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import type { ImagePlan } from '../../render/plan/plan.ts';
import { publishedDigest } from '../artifacts/download.ts';
import { findArtifacts } from '../artifacts/artifacts.ts';
import type { LayerFile } from '../artifacts/layer-file.ts';
import { isDirectory } from '../system/cache.ts';
import type { StepContext } from '../step-context.ts';
import { planNodeBuild, type NodeBuild } from './node-build.ts';
import type { SharedImage } from '../images/node-image.ts';
import type { SystemFiles } from '../images/pxe-folder.ts';
import type { ArtifactLayer } from '../layers/artifact-layer.ts';
import type { BaseLayer } from '../layers/base-layer.ts';
import type { Directories } from '../layers/node-layer.ts';
import {
  hasFormats,
  isIntact,
  readManifest,
  type ImageFile,
  type Manifest,
  type NodeRecord,
} from '../output/output-manifest.ts';
import type { NodeWriter } from '../output/node-writer.ts';
import type { ImageRequest } from './request.ts';
import type { Starter } from '../system/starter.ts';
import {
  BASE_TOOLS,
  ISO_TOOLS,
  LAYER_TOOLS,
  CONVERSION_TOOLS,
  requireRoom,
  requireTools,
} from '../system/toolchain.ts';
import { convertedTo, isDisk } from '../../config/formats.ts';

export interface AssembledBase {
  readonly layer: BaseLayer;
  readonly directories: Directories;
  /** Of the squashfs. */
  readonly sha256: string;
}

interface PackedArtifacts {
  readonly layer: ArtifactLayer;
  /** Of the squashfs. */
  readonly sha256: string;
}

/** The results of the steps so far. */
export interface BuildState {
  readonly nodes: readonly NodeBuild[];
  /** Nodes with missing or outdated images. */
  readonly todo: readonly NodeBuild[];
  /** The manifest in the output folder. */
  readonly former: Manifest | null;
  /** By base key. */
  readonly bases: Map<string, AssembledBase>;
  /** By key. */
  readonly artifactLayers: Map<string, PackedArtifacts>;
  /** By base key, artifact key and size class. */
  readonly isos: Map<string, SharedImage>;
  /** The folders of a boot from the network, of the first node of each combination of layers. */
  readonly ramdisks: Map<string, Promise<SystemFiles>>;
  /** The files that update bundles name by their digests, by SHA-256. */
  readonly updateFiles: Map<string, Promise<ImageFile>>;
  /** Paths of those that the output folder has already. */
  readonly kept: Set<string>;
  /** Of the finished nodes, by name. */
  readonly records: Map<string, NodeRecord>;
  /** The first failure; no further node is started after it. */
  failure: Error | null;
  /** The staging folder, opened by the first node; the others wait for it. */
  staging: Promise<string> | null;
  /** Starts the programs that make the parts of one node; its reports are in the staging folder. */
  starter: Starter | null;
  /** Writes the trees into the staging folder. */
  writer: NodeWriter | null;
}

/** Bytes for mmdebstrap's root, its tar and the downloaded packages, measured with the packages of Kubernetes. */
const BASE_ROOM = 3 * 2 ** 30;

/** @throws BuildError exit 4 when the machine lacks a program or disk space */
export async function planBuild(
  request: ImageRequest,
  report: StepContext['report'] = () => undefined,
): Promise<BuildState> {
  const former = await readManifest(request.outDir);
  const plans = request.plan.nodes.filter((plan) => request.only?.includes(plan.node) ?? true);
  const artifacts = await artifactsOf(request, report);
  const buildOf = (plan: ImagePlan): Promise<NodeBuild> => {
    const content = { tree: treeOf(request, plan.node), artifacts: artifacts.get(plan.node) ?? [] };
    return planNodeBuild(request.cluster, plan, content, request.epoch);
  };
  const nodes = await pMap(plans, buildOf, { concurrency: 8 });
  const stale = await Promise.all(nodes.map(async (build) => !(await isCurrent(request, former, build))));
  const todo = nodes.filter((_, index) => stale[index]);
  const state: BuildState = {
    nodes,
    todo,
    former,
    bases: new Map(),
    artifactLayers: new Map(),
    isos: new Map(),
    ramdisks: new Map(),
    updateFiles: new Map(),
    kept: new Set(),
    records: new Map(),
    failure: null,
    staging: null,
    starter: null,
    writer: null,
  };
  if (todo.length > 0) await preflight(request, todo);
  return state;
}

/** Ends what a build has begun, also after a failure. Removes the staging folder. */
export async function closeBuild(state: BuildState): Promise<void> {
  await Promise.all([state.starter?.close(), state.writer?.close()]);
  const staging = await state.staging;
  if (staging !== null) await rm(staging, { recursive: true, force: true });
}

async function artifactsOf(
  { cluster, artifacts: sources, cacheDir, signal }: ImageRequest,
  report: StepContext['report'],
): Promise<ReadonlyMap<string, readonly LayerFile[]>> {
  const step = { cacheDir, signal, report };
  const found = await findArtifacts(cluster, sources, (program) => publishedDigest(program, step));
  if (found === null) throw new Error('a digest was not found, and no error was reported');
  return found;
}

function treeOf(request: ImageRequest, node: string): NodeBuild['tree'] {
  const tree = request.trees.get(node);
  if (tree === undefined) throw new Error(`node ${node} was not rendered`);
  return tree;
}

async function isCurrent(request: ImageRequest, former: Manifest | null, build: NodeBuild): Promise<boolean> {
  const record = former?.nodes[build.node];
  const isSame = record?.id === build.id && record.signer === signerOf(request, build);
  return isSame && hasFormats(record, build.formats) && (await isIntact(request.outDir, record));
}

/** Of the update bundle; undefined without one. */
export const signerOf = ({ updates }: ImageRequest, { formats }: NodeBuild): string | undefined =>
  formats.includes('update') ? updates?.signer.id : undefined;

async function preflight(request: ImageRequest, todo: readonly NodeBuild[]): Promise<void> {
  const keys = [...new Set(todo.map((build) => build.baseKey))];
  const cached = await Promise.all(keys.map((key) => isDirectory(join(request.cacheDir, 'base', key))));
  const tools = [
    ...(cached.every(Boolean) ? LAYER_TOOLS : BASE_TOOLS),
    ...(todo.some((build) => build.formats.some(isDisk)) ? ISO_TOOLS : []),
    ...(todo.some((build) => build.formats.some((format) => convertedTo(format) !== null)) ? CONVERSION_TOOLS : []),
  ];
  await requireTools(tools);
  await mkdir(request.cacheDir, { recursive: true });
  if (!cached.every(Boolean)) await requireRoom(request.cacheDir, BASE_ROOM, 'Building a base layer');
}
