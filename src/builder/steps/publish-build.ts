/** The last step: moves the images into the output folder and reports the result. */
import { join } from 'node:path';
import { canonicalJson } from '../system/digest.ts';
import { isKubeconfigCurrent, publishKubeconfig } from '../output/operator-kubeconfig.ts';
import type { Manifest, NodeRecord } from '../output/output-manifest.ts';
import type { BuildReport, ImageRequest } from './request.ts';
import { openStaging, publish } from '../output/publish.ts';
import type { BuildState } from './build-state.ts';

export async function publishBuild(request: ImageRequest, state: BuildState): Promise<BuildReport> {
  if (state.failure !== null) throw state.failure;
  request.signal?.throwIfAborted();
  const nodes = { ...keptRecords(request, state), ...Object.fromEntries(state.records) };
  const manifest = manifestOf(request, state, nodes);
  const isCurrent = await isKubeconfigCurrent(request.outDir, request.kubeconfig);
  if (!isPublished(state, manifest) || !isCurrent) await publishAll(request, state, manifest);
  return {
    kubeconfig: request.kubeconfig === null ? 'none' : isCurrent ? 'unchanged' : 'written',
    nodes: state.nodes.map((build) => ({
      name: build.node,
      state: state.records.has(build.node) ? 'built' : 'unchanged',
      files: (nodes[build.node]?.artifacts ?? []).map((file) => ({ ...file, path: join(request.outDir, file.path) })),
    })),
  };
}

/** Nodes that this build did not build: unchanged ones, and with `--node` all other nodes of the cluster. */
function keptRecords(request: ImageRequest, { former }: BuildState): Record<string, NodeRecord> {
  const names = new Set(request.plan.nodes.map((plan) => plan.node));
  return Object.fromEntries(Object.entries(former?.nodes ?? {}).filter(([name]) => names.has(name)));
}

function manifestOf(request: ImageRequest, state: BuildState, nodes: Readonly<Record<string, NodeRecord>>): Manifest {
  const records = Object.values(nodes);
  const bases = sumsOf(state.former?.bases, state.bases, new Set(records.map(({ base }) => base)));
  const used = new Set(records.flatMap(({ artifactLayer }) => artifactLayer ?? []));
  const artifactLayers = sumsOf(state.former?.artifactLayers, state.artifactLayers, used);
  const { cluster, epoch } = request;
  return { schema: 2, cluster: cluster.name, epoch, bases, artifactLayers, nodes: sorted(nodes) };
}

/** The digests of the layers in use: those of this build, and those of former builds for nodes that were not built. */
function sumsOf(
  former: Readonly<Record<string, string>> | undefined,
  made: ReadonlyMap<string, { readonly sha256: string }>,
  used: ReadonlySet<string>,
): Record<string, string> {
  const now = Object.fromEntries([...made].map(([key, { sha256 }]) => [key, sha256]));
  return sorted(Object.fromEntries(Object.entries({ ...former, ...now }).filter(([key]) => used.has(key))));
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isPublished({ former }: BuildState, manifest: Manifest): boolean {
  return former !== null && canonicalJson(former) === canonicalJson(manifest);
}

async function publishAll(request: ImageRequest, state: BuildState, manifest: Manifest): Promise<void> {
  const staging = await (state.staging ??= openStaging(request.outDir));
  const named = [...state.records].flatMap(([name, record]) => [name, ...record.artifacts.map(({ path }) => path)]);
  const paths = named.filter((path) => !state.kept.has(path));
  const planJson = `${JSON.stringify(request.plan, null, 2)}\n`;
  await publishKubeconfig(request.outDir, staging, request.kubeconfig);
  await publish({ folder: request.outDir, staging, paths, manifest, planJson });
}
