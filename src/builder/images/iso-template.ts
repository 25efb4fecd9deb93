/**
 * Builds the ISO that all nodes of one base layer share: a hybrid image for BIOS and UEFI. Extents at its end are reserved for
 * the node's own parts and filled with zeros. A node's image is a copy of it with these extents filled in.
 */
import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArtifactLayer } from '../layers/artifact-layer.ts';
import type { BaseLayer } from '../layers/base-layer.ts';
import { cached } from '../system/cache.ts';
import type { StepContext } from '../step-context.ts';
import { digestOf, sha256 } from '../system/digest.ts';
import { buildEspImage } from './esp.ts';
import { isoExtents, type Extent } from './iso-extents.ts';
import { readChunks } from '../system/read-chunks.ts';
import { ResumableSha256, type Sha256State } from '../system/resumable-sha256.ts';
import { run } from '../system/run.ts';

export interface IsoTemplate {
  readonly key: string;
  readonly path: string;
  readonly size: number;
  /** The node layer, `/live/node.squashfs`. */
  readonly nodeLayer: Extent;
  /** The node's part of the boot loader's configuration, `/boot/grub/node.cfg`. */
  readonly nodeConfig: Extent;
  /** Of the bytes before the first of the two extents; absent in templates of earlier versions. */
  readonly prefix?: Sha256State;
}

/** Where the images of a template begin to differ. */
export function tailOffsetOf({ nodeLayer, nodeConfig }: Pick<IsoTemplate, 'nodeLayer' | 'nodeConfig'>): number {
  return Math.min(nodeLayer.offset, nodeConfig.offset);
}

interface IsoRequest {
  readonly base: BaseLayer;
  /** Null if the images carry no artifacts. */
  readonly artifacts: ArtifactLayer | null;
  /** Bytes reserved for the node layer: one of {@link NODE_LAYER_CLASSES}. */
  readonly reserve: number;
  /** Seconds since 1970. */
  readonly epoch: number;
}

/** Sizes of the extent for a node layer: a few fixed ones, so that a node's image does not depend on the size of other nodes. */
export const NODE_LAYER_CLASSES: readonly number[] = [4, 16, 64, 256, 1024, 4096].map((mib) => mib * 2 ** 20);

/** Bytes; whole sectors, because a file in an ISO ends at a sector boundary. */
const NODE_CONFIG_LENGTH = 16 << 10;
export const BASE_LAYER_FILE = 'live/base.squashfs';
export const ARTIFACT_LAYER_FILE = 'live/artifacts.squashfs';
export const NODE_LAYER_FILE = 'live/node.squashfs';
export const NODE_CONFIG_FILE = 'boot/grub/node.cfg';
const GRUB_CONFIG = fileURLToPath(new URL('../../../scripts/base-layer/grub.cfg', import.meta.url));
const ESP_CONFIG = fileURLToPath(new URL('../../../scripts/base-layer/esp.cfg', import.meta.url));

interface IsoKeyParts {
  /** Key of the base layer. */
  readonly base: string;
  /** Key of the artifact layer. */
  readonly artifacts: string | null;
  readonly reserve: number;
  readonly epoch: number;
}

/** The cache key of a template; a caller can look for it in the cache without building. */
export async function isoKey(of: IsoKeyParts): Promise<string> {
  const [grub, esp] = [sha256(await readFile(GRUB_CONFIG)), sha256(await readFile(ESP_CONFIG))];
  return digestOf({ recipe: 4, ...of, grub, esp, config: NODE_CONFIG_LENGTH });
}

/** The template for a base layer and a size class: from the cache, or built within some seconds. */
export async function buildIsoTemplate(request: IsoRequest, step: StepContext): Promise<IsoTemplate> {
  const { base, artifacts, reserve, epoch } = request;
  const key = await isoKey({ base: base.key, artifacts: artifacts?.key ?? null, reserve, epoch });
  const folder = await cached(step, 'iso', key, (staging) => makeIso(request, key, staging, step));
  const table = JSON.parse(await readFile(join(folder, 'extents.json'), 'utf8')) as Omit<IsoTemplate, 'key' | 'path'>;
  return { key, path: join(folder, 'template.iso'), ...table };
}

async function makeIso(request: IsoRequest, key: string, folder: string, step: StepContext): Promise<void> {
  const tree = join(folder, 'tree');
  const esp = join(folder, 'esp.img');
  await layOut(request, tree);
  await buildEspImage(join(request.base.folder, 'boot'), ESP_CONFIG, esp, request.epoch, step);
  const output = join(folder, 'template.iso');
  await run({
    command: 'xorriso',
    args: xorrisoArgs(request, key, { tree, esp, output, base: request.base }),
    reason: 'assemble the ISO',
    env: { SOURCE_DATE_EPOCH: String(request.epoch) },
    signal: step.signal,
    onLine: step.report,
  });
  await writeFile(join(folder, 'extents.json'), JSON.stringify(await measure(output, step)));
  await Promise.all([tree, esp].map((path) => rm(path, { recursive: true })));
}

/** Writes the small files of the ISO. xorriso reads the large ones from the cache (`-graft-points`), without a copy. */
async function layOut(request: IsoRequest, tree: string): Promise<void> {
  for (const folder of ['.disk', 'boot/grub', 'live']) await mkdir(join(tree, folder), { recursive: true });
  await writeFile(join(tree, '.disk/info'), 'coldstart\n'); // Debian's signed GRUB finds its medium by this file
  await writeFile(join(tree, '.disk/coldstart'), `${request.base.id}\n`);
  await writeFile(join(tree, 'boot/grub/grub.cfg'), await readFile(GRUB_CONFIG));
  // The lowest layer first: live-boot(7).
  const layers = [BASE_LAYER_FILE, ...(request.artifacts === null ? [] : [ARTIFACT_LAYER_FILE]), NODE_LAYER_FILE];
  await writeFile(join(tree, 'live/filesystem.module'), layers.map((path) => `${basename(path)}\n`).join(''));
  await reserveFile(join(tree, NODE_LAYER_FILE), request.reserve);
  await reserveFile(join(tree, NODE_CONFIG_FILE), NODE_CONFIG_LENGTH);
}

async function reserveFile(path: string, length: number): Promise<void> {
  await writeFile(path, '');
  await truncate(path, length);
}

/** See xorrisofs(1); the hybrid layout is that of Debian's own installation images. */
function xorrisoArgs(
  request: IsoRequest,
  key: string,
  paths: { tree: string; esp: string; output: string; base: BaseLayer },
): string[] {
  const boot = join(paths.base.folder, 'boot');
  const date = isoDate(request.epoch);
  return [
    '-as', 'mkisofs',
    '-r', '-V', 'COLDSTART',
    '-o', paths.output,
    `--modification-date=${distinctDate(key)}`, // blkid(8) makes the file system's UUID of it
    '--set_all_file_dates', date,
    '--gpt_disk_guid', key.slice(0, 32),
    // Files with a lower weight come later in the image: first all shared files, then the node's own.
    '--sort-weight', '1', '/',
    '--sort-weight', '0', `/${NODE_CONFIG_FILE}`,
    '--sort-weight', '-1', `/${NODE_LAYER_FILE}`,
    '-b', 'boot/grub/bios.img', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', '--grub2-boot-info',
    '--grub2-mbr', join(boot, 'boot_hybrid.img'), '--protective-msdos-label',
    '-partition_cyl_align', 'off', '-partition_offset', '16',
    '-append_partition', '2', '0xef', paths.esp, '-appended_part_as_gpt',
    '-eltorito-alt-boot', '-e', '--interval:appended_partition_2:all::', '-no-emul-boot',
    '-graft-points',
    `/=${paths.tree}`,
    `/boot/grub/bios.img=${join(boot, 'bios.img')}`,
    `/live/vmlinuz=${join(boot, 'vmlinuz')}`,
    `/live/initrd.img=${join(boot, 'initrd.img')}`,
    `/${BASE_LAYER_FILE}=${paths.base.squashfs}`,
    ...(request.artifacts === null ? [] : [`/${ARTIFACT_LAYER_FILE}=${request.artifacts.squashfs}`]),
  ]; // prettier-ignore
}

/** Seconds since 1970 in xorriso's `YYYYMMDDhhmmsscc`, UTC. */
function isoDate(epoch: number): string {
  return `${new Date(epoch * 1000).toISOString().replaceAll(/\D/g, '').slice(0, 14)}00`;
}

/** A date of this template alone: two media in one machine must not have the same UUID. */
function distinctDate(key: string): string {
  const part = (index: number, size: number): number => parseInt(key.slice(index * 4, index * 4 + 4), 16) % size;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `2025${two(1 + part(0, 12))}${two(1 + part(1, 28))}${two(part(2, 24))}${two(part(3, 60))}${two(part(4, 60))}${two(part(5, 100))}`;
}

async function measure(iso: string, step: StepContext): Promise<Omit<IsoTemplate, 'key' | 'path'>> {
  const [nodeLayer, nodeConfig] = await isoExtents(iso, [`/${NODE_LAYER_FILE}`, `/${NODE_CONFIG_FILE}`], step.signal);
  if (!nodeLayer || !nodeConfig) throw new Error(`${iso} has no reserved extents`);
  const hash = new ResumableSha256();
  for await (const chunk of readChunks(iso, 0, tailOffsetOf({ nodeLayer, nodeConfig }))) hash.update(chunk);
  return { size: (await stat(iso)).size, nodeLayer, nodeConfig, prefix: hash.state() };
}
