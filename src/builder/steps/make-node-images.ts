/** The step that makes all files of one node, in the staging folder. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../config/cluster.ts';
import { convertedTo, isDisk, type ImageFormat } from '../../config/formats.ts';
import { isMember } from '../../config/roles.ts';
import { settleBoth } from '../system/settle-both.ts';
import { sha256, sha256File } from '../system/digest.ts';
import { convertDisk } from '../images/disk-image.ts';
import type { NodeBuild } from './node-build.ts';
import { artifactsOf, baseOf, isoOf } from './shared-layers.ts';
import type { ImageFile } from '../output/output-manifest.ts';
import { nodeConfig } from '../images/boot-settings.ts';
import { writeNodeImage, type NodeParts } from '../images/node-image.ts';
import { copySystemFiles, writeNodeFiles, writeSystemFiles } from '../images/pxe-folder.ts';
import { writeBundle } from '../update/bundle.ts';
import { offer, sharedFiles } from '../update/shared-files.ts';
import { packSquashfs, packTar } from '../layers/node-layer.ts';
import { cloneFile } from '../system/clone-file.ts';
import { Starter } from '../system/starter.ts';
import type { ImageRequest } from './request.ts';
import { openStaging } from '../output/publish.ts';
import { signerOf, type BuildState } from './build-state.ts';
import { NodeWriter } from '../output/node-writer.ts';

/** Does nothing once a node has failed, because then nothing will be published. */
export async function buildNode(request: ImageRequest, state: BuildState, build: NodeBuild): Promise<void> {
  if (state.failure !== null) throw state.failure;
  request.signal?.throwIfAborted();
  try {
    const staging = await (state.staging ??= openStaging(request.outDir));
    const starter = (state.starter ??= new Starter(staging, request.signal));
    const writer = (state.writer ??= new NodeWriter({ folder: staging, withSecrets: false }, state.todo.length));
    const [artifacts] = await settleBoth(
      makeAll(build.formats, { request, state, build, staging, starter }),
      writer.write(build.node, build.tree),
    );
    const { id, bootRole, baseKey: base, artifactKey: artifactLayer } = build;
    const kubernetes = versionOn(request.cluster, build.node);
    const inventory = sha256(build.inventory);
    const signer = signerOf(request, build);
    state.records.set(build.node, {
      ...{ id, bootRole, kubernetes, inventory, base, artifactLayer, artifacts },
      ...(signer === undefined ? {} : { signer }),
    });
  } catch (error) {
    state.failure ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  }
}

/** Null on a node that is only for storage. */
const versionOn = ({ nodes, kubernetes }: Cluster, name: string): string | null =>
  nodes.some((node) => node.name === name && isMember(node)) ? kubernetes.version : null;

async function makeAll(formats: readonly ImageFormat[], making: Making): Promise<ImageFile[]> {
  const artifacts: ImageFile[] = [];
  for (const format of formats) artifacts.push(...(await make(format, making)));
  return artifacts;
}

interface Making {
  readonly request: ImageRequest;
  readonly state: BuildState;
  readonly build: NodeBuild;
  readonly staging: string;
  readonly starter: Starter;
}

async function make(format: ImageFormat, making: Making): Promise<readonly ImageFile[]> {
  if (format === 'pxe') return packPxe(making);
  if (format === 'update') return packUpdate(making);
  const path = `${making.build.node}.${format}`;
  const output = join(making.staging, path);
  const digest = isDisk(format) ? await packDisk(making, output, format) : await packOverlay(making, output);
  return [{ path, format, size: (await stat(output)).size, sha256: digest }];
}

async function packIso({ request, state, build, starter }: Making, output: string): Promise<string> {
  const layer = `${output}.squashfs`;
  const { epoch, signal } = request;
  const makeParts = async (): Promise<NodeParts> => {
    await packSquashfs(build.tree, baseOf(state, build).directories, layer, { epoch, signal, starter });
    return { layer, config: nodeConfig(build.boot) };
  };
  const clone = (from: string, to: string): Promise<void> => cloneFile(from, to, (program) => starter.run(program));
  const digest = await writeNodeImage(isoOf(state, build), makeParts, output, clone);
  await rm(layer);
  return digest;
}

/** Writes the bytes of the ISO, converted where the format asks for it. Returns the SHA-256 of the file. */
async function packDisk(making: Making, output: string, format: ImageFormat): Promise<string> {
  const to = convertedTo(format);
  if (to === null) return packIso(making, output);
  const raw = `${output}.raw`;
  await packIso(making, raw);
  await convertDisk(raw, output, to, making.request.signal);
  await rm(raw);
  return sha256File(output);
}

/** A folder with the files of one node. Those that nodes share are made once and copied, as reflinks if the file system can. */
async function packPxe({ request, state, build, staging, starter }: Making): Promise<readonly ImageFile[]> {
  const { epoch, signal } = request;
  const name = `${build.node}.pxe`;
  const folder = join(staging, name);
  await mkdir(folder);
  const { layer: base, directories } = baseOf(state, build);
  const artifacts = artifactsOf(state, build);
  const layers = `${build.baseKey}/${build.artifactKey ?? 'none'}`;
  const made = state.ramdisks.get(layers);
  const system = made === undefined ? writeSystemFiles(folder, base, artifacts) : copySystemFiles(await made, folder);
  if (made === undefined) state.ramdisks.set(layers, system);
  const writeOwn = async (): ReturnType<typeof writeNodeFiles> => {
    const layer = join(folder, 'node.squashfs');
    await packSquashfs(build.tree, directories, layer, { epoch, signal, starter });
    const files = await writeNodeFiles(folder, layer, build.boot, artifacts !== null);
    await rm(layer);
    return files;
  };
  const [{ files }, own] = await settleBoth(system, writeOwn());
  return [...files, ...own].map(({ file, size, sha256: digest }) => ({
    ...{ path: `${name}/${file}`, format: 'pxe' as const, size, sha256: digest },
  }));
}

/** The node's bundle, and the files that it names by their digests: those are shared, and made once. */
async function packUpdate({ request, state, build, staging }: Making): Promise<readonly ImageFile[]> {
  const { epoch, signal, updates, outDir } = request;
  if (updates === null) throw new Error('an update bundle was planned for a cluster that takes none');
  const { layer: base, directories } = baseOf(state, build);
  const shared = await sharedFiles(base, artifactsOf(state, build));
  const path = `${build.node}.raucb`;
  const output = join(staging, path);
  const layer = `${output}.squashfs`;
  await packSquashfs(build.tree, directories, layer, { epoch, signal });
  const identity = {
    cluster: updates.cluster,
    node: build.node,
    release: updates.releaseOf(build.node),
    image: build.id,
    kubernetes: updates.kubernetes,
  };
  const slot = { layer, config: nodeConfig(build.boot), medium: base.id, shared };
  await writeBundle({ identity, slot, signer: updates.signer, epoch, signal }, output);
  await rm(layer);
  const file = { path, format: 'update' as const, size: (await stat(output)).size, sha256: await sha256File(output) };
  const place = { staging, outDir, former: state.former, kept: state.kept };
  const offered = shared.map((one) => {
    const offering = state.updateFiles.get(one.sha256) ?? offer(one, place);
    state.updateFiles.set(one.sha256, offering);
    return offering;
  });
  return [file, ...(await Promise.all(offered))];
}

async function packOverlay({ request, state, build }: Making, output: string): Promise<string> {
  const tar = await packTar(build.tree, baseOf(state, build).directories, request.epoch);
  await writeFile(output, tar, request.signal === undefined ? {} : { signal: request.signal });
  return sha256(tar);
}
