/** The steps that make the shared parts: base layers, artifact layers, and the ISOs that are the templates of the nodes' images. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildArtifactLayer, type ArtifactLayer } from '../layers/artifact-layer.ts';
import { buildBaseLayer } from '../layers/base-layer.ts';
import { keptDigest } from '../system/kept-digest.ts';
import { buildIsoTemplate } from '../images/iso-template.ts';
import type { NodeBuild } from './node-build.ts';
import { checkBase } from '../artifacts/lock-file.ts';
import { openShared, type SharedImage } from '../images/node-image.ts';
import { parseDirectories } from '../layers/node-layer.ts';
import type { ImageRequest } from './request.ts';
import type { AssembledBase, BuildState } from './build-state.ts';
import { isDisk } from '../../config/formats.ts';

type Report = (line: string) => void;

/** Builds the missing base layers one after the other, because each one uses all cores. */
export async function buildBases(request: ImageRequest, state: BuildState, report: Report): Promise<void> {
  const { cacheDir, signal } = request;
  for (const build of state.todo.filter((one) => !state.bases.has(one.baseKey))) {
    if (state.bases.has(build.baseKey)) continue;
    const layer = await buildBaseLayer(build.recipe, { cacheDir, signal, report });
    if (request.artifacts.locked) await checkBase(request.cluster.lock, build.recipe, layer.folder);
    const directories = parseDirectories(await readFile(join(layer.folder, 'boot/directories.tsv'), 'utf8'));
    state.bases.set(build.baseKey, { layer, directories, sha256: await keptDigest(layer.squashfs) });
  }
}

/** Packs the missing artifact layers, and downloads the missing artifacts first. */
export async function buildArtifacts(request: ImageRequest, state: BuildState, report: Report): Promise<void> {
  const { cacheDir, signal, epoch, cluster } = request;
  const { compressionLevel } = cluster.image;
  for (const { artifacts: files, artifactKey: key } of state.todo) {
    if (key === null || state.artifactLayers.has(key)) continue;
    const step = { cacheDir, signal, report };
    const layer = await buildArtifactLayer({ files, compressionLevel, epoch }, key, step);
    state.artifactLayers.set(key, { layer, sha256: await keptDigest(layer.squashfs) });
  }
}

/** Assembles an ISO for each combination of layers and size class. */
export async function assembleIsos(request: ImageRequest, state: BuildState, report: Report): Promise<void> {
  const { cacheDir, signal, epoch } = request;
  const disks = state.todo.filter(({ formats }) => formats.some(isDisk));
  for (const build of disks) {
    if (state.isos.has(isoName(build))) continue;
    const { layer } = baseOf(state, build);
    const artifacts = artifactsOf(state, build);
    const parts = { base: layer, artifacts, reserve: build.reserve, epoch };
    const template = await buildIsoTemplate(parts, { cacheDir, signal, report });
    const images = disks.filter((other) => isoName(other) === isoName(build)).length;
    state.isos.set(isoName(build), await openShared(template, images));
  }
}

export function baseOf(state: BuildState, build: NodeBuild): AssembledBase {
  const base = state.bases.get(build.baseKey);
  if (base === undefined) throw new Error(`the base layer of ${build.node} was not built`);
  return base;
}

export function artifactsOf(state: BuildState, { node, artifactKey: key }: NodeBuild): ArtifactLayer | null {
  if (key === null) return null;
  const packed = state.artifactLayers.get(key);
  if (packed === undefined) throw new Error(`the artifacts of ${node} were not packed`);
  return packed.layer;
}

export function isoOf(state: BuildState, build: NodeBuild): SharedImage {
  const iso = state.isos.get(isoName(build));
  if (iso === undefined) throw new Error(`the ISO of ${build.node} was not assembled`);
  return iso;
}

function isoName(build: NodeBuild): string {
  return [build.baseKey, build.artifactKey ?? 'none', build.reserve].join('/');
}
