/** Writes a folder from which any HTTP server can boot a node with iPXE. */
import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactLayer } from '../layers/artifact-layer.ts';
import type { BaseLayer } from '../layers/base-layer.ts';
import { cloneFile } from '../system/clone-file.ts';
import { sha256, sha256File } from '../system/digest.ts';
import type { BootSettings } from './boot-settings.ts';
import { hashPieces, readPieces, totalSize, type Piece } from './composed-file.ts';
import { ipxeScript, PXE_FILES } from './ipxe-script.ts';
import { nodeRamdisk, systemRamdisk } from './ramdisk.ts';

interface WrittenFile {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** The files that nodes with the same layers share, and where they are. */
export interface SystemFiles {
  readonly folder: string;
  readonly files: readonly WrittenFile[];
}

export async function writeSystemFiles(
  folder: string,
  base: BaseLayer,
  artifacts: ArtifactLayer | null,
): Promise<SystemFiles> {
  const kernel = join(base.folder, 'boot/vmlinuz');
  await cloneFile(kernel, join(folder, PXE_FILES.kernel));
  const disk = systemRamdisk({
    initrd: await whole(join(base.folder, 'boot/initrd.img')),
    base: await whole(base.squashfs),
    artifacts: artifacts === null ? null : await whole(artifacts.squashfs),
  });
  const { size } = await stat(kernel);
  const files = [
    { file: PXE_FILES.kernel, size, sha256: await sha256File(kernel) },
    await writeComposed(folder, PXE_FILES.system, disk),
  ];
  return { folder, files };
}

export async function copySystemFiles({ folder: from, files }: SystemFiles, folder: string): Promise<SystemFiles> {
  for (const { file } of files) await cloneFile(join(from, file), join(folder, file));
  return { folder, files };
}

/** @param layer path of the node layer's squashfs */
export async function writeNodeFiles(
  folder: string,
  layer: string,
  settings: BootSettings,
  hasArtifacts: boolean,
): Promise<readonly WrittenFile[]> {
  const script = ipxeScript(settings);
  await writeFile(join(folder, PXE_FILES.script), script);
  const disk = nodeRamdisk(await whole(layer), hasArtifacts, settings);
  return [
    await writeComposed(folder, PXE_FILES.node, disk),
    { file: PXE_FILES.script, size: Buffer.byteLength(script), sha256: sha256(script) },
  ];
}

async function whole(path: string): Promise<Piece> {
  return { path, offset: 0, length: (await stat(path)).size };
}

/** Bytes that are copied at once. */
const CHUNK = 1 << 20;

async function writeComposed(folder: string, file: string, pieces: readonly Piece[]): Promise<WrittenFile> {
  const output = await open(join(folder, file), 'wx');
  try {
    for await (const chunk of readPieces(pieces, Buffer.allocUnsafe(CHUNK))) await output.writeFile(chunk);
  } finally {
    await output.close();
  }
  return { file, size: totalSize(pieces), sha256: await hashPieces(pieces) };
}
