/**
 * RAM disks for a boot over the network. The kernel unpacks them one after the other into one file system, so the layers reach
 * the node through its boot loader alone: nothing in the initial RAM disk talks to a network. The system's RAM disk is the same
 * for all nodes of a base layer; the node's RAM disk has the node layer.
 * https://docs.kernel.org/driver-api/early-userspace/buffer-format.html
 */
import { basename, dirname } from 'node:path';
import { nodeConfig, type BootSettings } from './boot-settings.ts';
import { ARTIFACT_LAYER_FILE, BASE_LAYER_FILE, NODE_CONFIG_FILE, NODE_LAYER_FILE } from './iso-template.ts';
import { sizeOf, totalSize, type Piece } from './composed-file.ts';

/** Changes with the form of the RAM disks and of the script. */
export const RAMDISK_RECIPE = 3;

/** The folder in which live-boot finds the layers (`live-media=`, live-boot(7)). */
export const RAM_MEDIUM = 'coldstart';

/** Bytes. iPXE and the kernel put RAM disks one after the other; the kernel finds an archive only at a multiple of four. */
export const ALIGNMENT = 512;

interface Layers {
  readonly initrd: Piece;
  readonly base: Piece;
  /** Null if the images carry no artifacts. */
  readonly artifacts: Piece | null;
}

/** Debian's initial RAM disk, and the layers that nodes share. */
export function systemRamdisk({ initrd, base, artifacts }: Layers): Piece[] {
  const own = artifacts === null ? [] : ([[ARTIFACT_LAYER_FILE, artifacts]] as const);
  return [...padded([initrd]), ...archive([[BASE_LAYER_FILE, base], ...own])];
}

/** The node layer, its settings, and the order of all layers, the lowest first: live-boot(7). @param layer squashfs of the node */
export function nodeRamdisk(layer: Piece, hasArtifacts: boolean, settings: BootSettings): Piece[] {
  const names = [BASE_LAYER_FILE, ...(hasArtifacts ? [ARTIFACT_LAYER_FILE] : []), NODE_LAYER_FILE];
  const list = Buffer.from(names.map((name) => `${basename(name)}\n`).join(''));
  return archive([
    [NODE_CONFIG_FILE, { bytes: Buffer.from(nodeConfig(settings)) }],
    ['live/filesystem.module', { bytes: list }],
    [NODE_LAYER_FILE, layer],
  ]);
}

/** A cpio archive in the "newc" form with these files below the medium's folder. */
function archive(files: readonly (readonly [string, Piece])[]): Piece[] {
  const paths = files.map(([path]) => `${RAM_MEDIUM}/${path}`);
  const folders = [...new Set(paths.flatMap(parents))].sort();
  const entries = [
    ...folders.map((path) => header(path, 0o40700, 0)),
    ...files.flatMap(([, piece], index) => [header(paths[index] ?? '', 0o100600, sizeOf(piece)), ...padding(piece)]),
  ];
  return padded([...entries.flat(), header('TRAILER!!!', 0, 0)]);
}

/** The kernel makes no folder whose parent is missing. @returns e.g. `coldstart/boot/grub`, `coldstart/boot`, `coldstart` */
function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...parents(parent)];
}

const padding = (piece: Piece): Piece[] => aligned([piece], 4);
const padded = (pieces: readonly Piece[]): Piece[] => aligned(pieces, ALIGNMENT);

function aligned(pieces: readonly Piece[], to: number): Piece[] {
  const missing = -totalSize(pieces) & (to - 1);
  return missing === 0 ? [...pieces] : [...pieces, { bytes: Buffer.alloc(missing) }];
}

/** Inode, links, time and devices are the same for all files: the kernel needs only name, mode and size. */
function header(path: string, mode: number, size: number): Piece {
  if (size > 0xffffffff) throw new Error(`${path} is larger than a cpio archive can hold`);
  const name = Buffer.from(`${path}\0`);
  const fields = [0, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name.length, 0];
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const head = Buffer.concat([Buffer.from(text), name]);
  return { bytes: Buffer.concat([head, Buffer.alloc(-head.length & 3)]) };
}
