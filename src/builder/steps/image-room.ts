/** Checks the disk space for all images before the first one is made. */
import { mkdir } from 'node:fs/promises';
import { convertedTo, isDisk, type ImageFormat } from '../../config/formats.ts';
import { canReflink } from '../system/clone-file.ts';
import { requireRoom } from '../system/toolchain.ts';
import { sharedFiles } from '../update/shared-files.ts';
import type { BuildState } from './build-state.ts';
import type { NodeBuild } from './node-build.ts';
import type { ImageRequest } from './request.ts';
import { artifactsOf, baseOf, isoOf } from './shared-layers.ts';

/** @throws BuildError exit 4 when the output folder's file system has too little room */
export async function requireRoomForImages({ outDir }: ImageRequest, state: BuildState): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const [first] = state.todo;
  const hasReflinks = first === undefined || (await canReflink(baseOf(state, first).layer.squashfs, outDir));
  const layers = new Map<string, number>();
  for (const build of state.todo) {
    const key = layersKey(build);
    if (!layers.has(key)) layers.set(key, await layerSize(state, build));
  }
  const rooms = state.todo.flatMap((build) => {
    const sizes = { layers: layers.get(layersKey(build)) ?? 0, hasReflinks };
    return build.formats.map((format) => roomOf(state, build, format, sizes));
  });
  // Update bundles share one copy of the layers.
  const shared = state.todo.some(({ formats }) => formats.includes('update')) ? sum([...layers.values()]) : 0;
  await requireRoom(outDir, sum(rooms) + (hasReflinks ? 0 : shared), `Making ${String(rooms.length)} images`);
}

const layersKey = ({ baseKey, artifactKey }: NodeBuild): string => `${baseKey}/${artifactKey ?? 'none'}`;

/** Of kernel, initial RAM disk and the layers that nodes share. */
async function layerSize(state: BuildState, build: NodeBuild): Promise<number> {
  const files = await sharedFiles(baseOf(state, build).layer, artifactsOf(state, build));
  return sum(files.map(({ size }) => size));
}

/** Bytes of one image. A reflink of what nodes share takes room for the node's own layer only. */
function roomOf(
  state: BuildState,
  build: NodeBuild,
  format: ImageFormat,
  { layers, hasReflinks }: { readonly layers: number; readonly hasReflinks: boolean },
): number {
  if (isDisk(format)) {
    return hasReflinks && convertedTo(format) === null ? build.reserve : isoOf(state, build).template.size;
  }
  return format === 'pxe' && !hasReflinks ? layers + build.reserve : build.reserve;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
