/** Checks that the files of an installed node fit a slot of its state disk, before the first image is made. */
import { sharedFiles } from '../update/shared-files.ts';
import { BuildError } from '../system/errors.ts';
import type { BuildState } from './build-state.ts';
import type { NodeBuild } from './node-build.ts';
import type { ImageRequest } from './request.ts';
import { artifactsOf, baseOf } from './shared-layers.ts';

/** Bytes: `SizeMaxBytes` of `templates/etc/repart.d/20-slot-a.conf.ejs`. */
export const SLOT_SIZE = 4 * 2 ** 30;
/** A twentieth is for the file system itself, as in `fits_slot` of `overlays/common/usr/local/lib/coldstart/install/slot.sh`. */
const SLOT_ROOM = Math.floor((SLOT_SIZE / 20) * 19);

/** @throws BuildError exit 3 when a slot is too small for the files of a node that installs or updates itself */
export async function requireRoomInSlots({ cluster }: ImageRequest, state: BuildState): Promise<void> {
  for (const build of state.todo) {
    const isInstalled = build.boot.disk !== '' && cluster.image.install;
    if (!isInstalled && !build.formats.includes('update')) continue;
    const shared = await sharedFiles(baseOf(state, build).layer, artifactsOf(state, build));
    requireRoomInSlot(build, shared);
  }
}

/** @param shared the files besides the node layer */
export function requireRoomInSlot(
  { node, reserve }: Pick<NodeBuild, 'node' | 'reserve'>,
  shared: readonly { readonly path: string; readonly size: number }[],
): void {
  const files = [...shared, { path: 'live/node.squashfs', size: reserve }];
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size <= SLOT_ROOM) return;
  const [largest] = files.toSorted((one, other) => other.size - one.size);
  const inMib = (bytes: number): string => String(Math.ceil(bytes / 2 ** 20));
  throw new BuildError(
    `The files of node \`${node}\` have ${inMib(size)} MiB, and a slot of its state disk takes ${inMib(SLOT_ROOM)} MiB. The largest is \`${largest?.path ?? ''}\` with ${inMib(largest?.size ?? 0)} MiB.`,
    {
      exitCode: 3,
      hint: 'embed fewer container images (a registry or `delivery: first-boot` brings them later), or set `image.install: false` without the format `update`',
    },
  );
}
