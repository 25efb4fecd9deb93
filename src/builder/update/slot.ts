/**
 * What a slot of the state disk holds, as far as an update brings it: the node's own files as a tar. The other files of the slot are
 * shared by many nodes and much larger; a table names them by their digests, and the node takes them from its running slot or
 * from where the update came.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack as openPack, type Pack } from 'tar-stream';
import { sha256File } from '../system/digest.ts';
import { ARTIFACT_LAYER_FILE, BASE_LAYER_FILE, NODE_CONFIG_FILE, NODE_LAYER_FILE } from '../images/iso-template.ts';

/** A file that nodes share. */
export interface SharedFile {
  /** In the slot. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface SlotParts {
  /** Path of the node layer's squashfs. */
  readonly layer: string;
  /** The boot loader's settings for this node. */
  readonly config: string;
  /** Id of the base layer, by which the boot loader and live-boot know the medium. */
  readonly medium: string;
  readonly shared: readonly SharedFile[];
}

/** In the slot: path, SHA-256 and bytes of each large file, separated by tabs; `scripts/update/hook.sh` reads it. */
const FILES_TABLE = 'live/files.tsv';
export const KERNEL_FILE = 'live/vmlinuz';
export const INITRD_FILE = 'live/initrd.img';

/** Writes the tar to `output`. @param epoch time of every entry, seconds since 1970 */
export async function packSlot(parts: SlotParts, output: string, epoch: number): Promise<void> {
  const pack = openPack();
  const writing = pipeline(pack as unknown as Readable, createWriteStream(output));
  const filling = fill(pack, parts, new Date(epoch * 1000));
  filling.catch((error: unknown) => {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  await Promise.all([filling, writing]);
}

async function fill(pack: Pack, { layer, config, medium, shared }: SlotParts, mtime: Date): Promise<void> {
  const { size } = await stat(layer);
  const files = [...shared, { path: NODE_LAYER_FILE, sha256: await sha256File(layer), size }];
  const texts: readonly (readonly [string, string])[] = [
    ['.disk/coldstart', `${medium}\n`],
    ['.disk/info', 'coldstart\n'],
    [NODE_CONFIG_FILE, config],
    ['live/filesystem.module', layerNames(shared)],
    [FILES_TABLE, files.map(({ path, sha256, size }) => `${path}\t${sha256}\t${String(size)}\n`).join('')],
  ];
  for (const name of ['.disk', 'boot', 'boot/grub', 'live']) {
    pack.entry({ name, type: 'directory', mode: 0o755, mtime });
  }
  for (const [name, text] of texts) pack.entry({ name, mode: 0o644, mtime }, text);
  // The layer holds keys.
  const entry = pack.entry({ name: NODE_LAYER_FILE, mode: 0o600, mtime, size });
  await pipeline(createReadStream(layer, { highWaterMark: 1 << 20 }), entry as unknown as Writable);
  pack.finalize();
}

/** The lowest layer first: live-boot(7). */
function layerNames(shared: readonly SharedFile[]): string {
  const hasArtifacts = shared.some(({ path }) => path === ARTIFACT_LAYER_FILE);
  const layers = [BASE_LAYER_FILE, ...(hasArtifacts ? [ARTIFACT_LAYER_FILE] : []), NODE_LAYER_FILE];
  return layers.map((path) => `${basename(path)}\n`).join('');
}
