/** The steps that make what nodes share: base layers, artifact layers, and the ISOs whose copies become the nodes' images. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildArtifactLayer, type ArtifactLayer } from './artifacts-layer.ts';
import { buildBaseLayer, type BaseLayer } from './base-layer.ts';
import { sha256File } from './digest.ts';
import { isBootable } from './disk-image.ts';
import { buildIsoTemplate } from './iso-template.ts';
import type { NodeJob } from './job.ts';
import { checkBase } from './lock-file.ts';
import { openShared, type SharedImage } from './node-image.ts';
import { parseDirectories, type Directories } from './node-layer.ts';
import type { ImageRequest } from './request.ts';
import { requireRoom } from './toolchain.ts';
import type { Work } from './work.ts';

export interface AssembledBase {
  readonly layer: BaseLayer;
  readonly directories: Directories;
  /** Of the squashfs. */
  readonly sha256: string;
}

export interface PackedArtifacts {
  readonly layer: ArtifactLayer;
  /** Of the squashfs. */
  readonly sha256: string;
}

export type SharedIso = SharedImage;

type Report = (line: string) => void;

/** Builds each base layer that is needed, one after the other, as each keeps all cores busy. */
export async function buildBases(request: ImageRequest, work: Work, report: Report): Promise<void> {
  const { cacheDir, signal } = request;
  for (const job of work.todo.filter((one) => !work.bases.has(one.baseKey))) {
    if (work.bases.has(job.baseKey)) continue;
    const layer = await buildBaseLayer(job.recipe, { cacheDir, signal, report });
    if (request.artifacts.locked) await checkBase(request.cluster.lock, job.recipe, layer.folder);
    const directories = parseDirectories(await readFile(join(layer.folder, 'boot/directories.tsv'), 'utf8'));
    work.bases.set(job.baseKey, { layer, directories, sha256: await sha256File(layer.squashfs) });
  }
}

/** Packs each artifact layer that is needed, after downloading what is not at hand. */
export async function buildArtifacts(request: ImageRequest, work: Work, report: Report): Promise<void> {
  const { cacheDir, signal, epoch, cluster } = request;
  const { compressionLevel } = cluster.image;
  for (const { artifacts: files, artifactKey: key } of work.todo) {
    if (key === null || work.artifactLayers.has(key)) continue;
    const step = { cacheDir, signal, report };
    const layer = await buildArtifactLayer({ files, compressionLevel, epoch }, key, step);
    work.artifactLayers.set(key, { layer, sha256: await sha256File(layer.squashfs) });
  }
}

/** Assembles an ISO for each base layer and size class, and looks for room for all the copies of it. */
export async function assembleIsos(request: ImageRequest, work: Work, report: Report): Promise<void> {
  const { cacheDir, signal, epoch } = request;
  const jobs = work.todo.filter(({ formats }) => formats.some(isBootable));
  for (const job of jobs) {
    if (work.isos.has(isoName(job))) continue;
    const { layer } = baseOf(work, job);
    const artifacts = artifactsOf(work, job);
    const parts = { base: layer, artifacts, reserve: job.reserve, epoch };
    const template = await buildIsoTemplate(parts, { cacheDir, signal, report });
    work.isos.set(isoName(job), await openShared(template));
  }
  const sizes = jobs.flatMap((job) => job.formats.filter(isBootable).map(() => isoOf(work, job).template.size));
  await mkdir(request.outDir, { recursive: true });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  await requireRoom(request.outDir, total, `Making ${String(sizes.length)} images`);
}

export function baseOf(work: Work, job: NodeJob): AssembledBase {
  const base = work.bases.get(job.baseKey);
  if (base === undefined) throw new Error(`the base layer of ${job.node} was not built`);
  return base;
}

function artifactsOf(work: Work, { node, artifactKey: key }: NodeJob): ArtifactLayer | null {
  if (key === null) return null;
  const packed = work.artifactLayers.get(key);
  if (packed === undefined) throw new Error(`the artifacts of ${node} were not packed`);
  return packed.layer;
}

export function isoOf(work: Work, job: NodeJob): SharedIso {
  const iso = work.isos.get(isoName(job));
  if (iso === undefined) throw new Error(`the ISO of ${job.node} was not assembled`);
  return iso;
}

function isoName(job: NodeJob): string {
  return [job.baseKey, job.artifactKey ?? 'none', job.reserve].join('/');
}
