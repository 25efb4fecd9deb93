/** The step that makes everything which the output folder holds of one node, in the staging folder. */
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageFormat } from '../config/cluster.ts';
import { both } from './both.ts';
import { sha256, sha256File } from './digest.ts';
import { wrapQcow2 } from './disk-image.ts';
import type { NodeJob } from './job.ts';
import { baseOf, isoOf } from './layers.ts';
import type { Artifact } from './manifest.ts';
import { writeNodeImage, type NodeParts } from './node-image.ts';
import { packSquashfs, packTar } from './node-layer.ts';
import type { ImageRequest } from './request.ts';
import { openStaging } from './publish.ts';
import type { Work } from './work.ts';
import { writeNode } from './write-tree.ts';

/** Once one node has failed, the others are left: nothing will be published. */
export async function buildNode(request: ImageRequest, work: Work, job: NodeJob): Promise<void> {
  if (work.failure !== null) throw work.failure;
  request.signal?.throwIfAborted();
  try {
    const staging = await (work.staging ??= openStaging(request.outDir));
    const [artifacts] = await both(
      makeAll(job.formats, { request, work, job, staging }),
      writeNode(join(staging, job.node), job.tree, false),
    );
    const { id, bootRole, baseKey: base, artifactKey: artifactLayer } = job;
    work.records.set(job.node, { id, bootRole, inventory: sha256(job.inventory), base, artifactLayer, artifacts });
  } catch (error) {
    work.failure ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  }
}

async function makeAll(formats: readonly ImageFormat[], making: Making): Promise<Artifact[]> {
  const artifacts: Artifact[] = [];
  for (const format of formats) artifacts.push(await make(format, making));
  return artifacts;
}

interface Making {
  readonly request: ImageRequest;
  readonly work: Work;
  readonly job: NodeJob;
  readonly staging: string;
}

async function make(format: ImageFormat, making: Making): Promise<Artifact> {
  const path = `${making.job.node}.${format}`;
  const output = join(making.staging, path);
  const digest = await PACKERS[format](making, output);
  return { path, format, size: (await stat(output)).size, sha256: digest };
}

/** Each writes one file and returns its SHA-256. */
const PACKERS: Readonly<Record<ImageFormat, (making: Making, output: string) => Promise<string>>> = {
  iso: packIso,
  raw: packIso,
  qcow2: packQcow2,
  tar: packOverlay,
  pxe: unsupported,
};

async function packIso({ request, work, job }: Making, output: string): Promise<string> {
  const layer = `${output}.squashfs`;
  const { epoch, signal } = request;
  const makeParts = async (): Promise<NodeParts> => {
    await packSquashfs(job.tree, baseOf(work, job).directories, layer, { epoch, signal });
    return { layer, config: job.bootConfig };
  };
  const digest = await writeNodeImage(isoOf(work, job), makeParts, output);
  await rm(layer);
  return digest;
}

async function packQcow2(making: Making, output: string): Promise<string> {
  const raw = `${output}.raw`;
  await packIso(making, raw);
  await wrapQcow2(raw, output, making.request.signal);
  await rm(raw);
  return sha256File(output);
}

async function packOverlay({ request, work, job }: Making, output: string): Promise<string> {
  const tar = packTar(job.tree, baseOf(work, job).directories, request.epoch);
  await pipeline(tar, createWriteStream(output), request.signal === undefined ? {} : { signal: request.signal });
  return sha256File(output);
}

/** The front end refuses this format (`image/unsupported-format`). */
function unsupported(): Promise<never> {
  return Promise.reject(new Error('a format that is not supported got past the front end'));
}
