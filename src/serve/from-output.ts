/** The files of nodes from the images of an output folder: the ISO as it was built, and its parts. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ipxeScript } from '../builder/images/ipxe-script.ts';
import { isoExtents, readExtent, type Extent } from '../builder/images/iso-extents.ts';
import {
  ARTIFACT_LAYER_FILE,
  BASE_LAYER_FILE,
  NODE_CONFIG_FILE,
  NODE_LAYER_FILE,
} from '../builder/images/iso-template.ts';
import { stampOf, type FilePiece, type Piece } from '../builder/images/composed-file.ts';
import { parseNodeConfig, type BootSettings } from '../builder/images/boot-settings.ts';
import { nodeRamdisk, systemRamdisk } from '../builder/images/ramdisk.ts';
import type { ImageFile, Manifest } from '../builder/output/output-manifest.ts';
import { verificationError } from '../builder/system/errors.ts';
import { Digests, Memo, resourceOf } from './parts.ts';
import type { FileName, Resource, ServedNode, Shelf } from './resource.ts';

interface OutputParts {
  /** The output folder of a cluster. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Those that are served; others are left out. */
  readonly nodes: readonly ServedNode[];
  readonly signal: AbortSignal | undefined;
}

/** Where the parts of an ISO are. */
interface Layout {
  readonly kernel: Piece;
  readonly initrd: Piece;
  readonly base: Piece;
  readonly artifacts: Piece | null;
  readonly node: Piece;
  readonly boot: BootSettings;
}

const imagesOf = (manifest: Manifest, node: string): readonly ImageFile[] => manifest.nodes[node]?.artifacts ?? [];

/** Whether the folder has a node's ISO, or its folder for a boot from the network. */
export const isServable = (manifest: Manifest, node: string): boolean =>
  isoOfNode(manifest, node) !== null || imagesOf(manifest, node).some(({ format }) => format === 'pxe');

/** The image of a node whose bytes are those of an ISO; null if it has none. */
function isoOfNode(manifest: Manifest, node: string): ImageFile | null {
  const images = imagesOf(manifest, node);
  return images.find(({ format }) => format === 'iso') ?? images.find(({ format }) => format === 'raw') ?? null;
}

/** A file that is replaced or changed while the server runs is not served, as its digest would be wrong. */
export async function openOutput({ folder, manifest, nodes, signal }: OutputParts): Promise<Shelf> {
  const stamps = await stampsOf(folder, manifest, nodes);
  const intact = (image: ImageFile): Promise<FilePiece> => unchanged(join(folder, image.path), stamps.get(image.path));
  const digests = new Digests();
  const layouts = new Memo<Layout>();
  const layoutOf = async (node: string, image: ImageFile): Promise<Layout> => {
    const iso = await intact(image);
    return layouts.get(node, () => readLayout(iso, signal));
  };
  /** Equal keys of the layers mean equal bytes, so one node's image stands for those of all others. */
  const examples = new Map<string, string>();
  const withIso = nodes.filter(({ name }) => isoOfNode(manifest, name) !== null);
  for (const { name } of withIso.toReversed()) examples.set(layersOf(manifest, name), name);

  const find = async (node: string, file: FileName): Promise<Resource | null> => {
    const built = imagesOf(manifest, node).find(
      ({ path }) => path === (file === 'update.raucb' ? `${node}.raucb` : `${node}.pxe/${file}`),
    );
    if (built) return resourceOf(file, [await intact(built)], built.sha256);
    if (file === 'update.raucb') return null;
    const image = isoOfNode(manifest, node);
    if (image === null) return null;
    if (file === 'node.iso') return resourceOf(file, [await intact(image)], image.sha256);
    const own = await layoutOf(node, image);
    const layers = layersOf(manifest, node);
    const example = examples.get(layers) ?? node;
    const shared = await layoutOf(example, isoOfNode(manifest, example) ?? image);
    switch (file) {
      case 'boot.ipxe':
        return digests.resource(file, node, [{ bytes: Buffer.from(ipxeScript(own.boot)) }]);
      case 'node.img':
        return digests.resource(file, node, nodeRamdisk(own.node, own.artifacts !== null, own.boot));
      case 'node.squashfs':
        return digests.resource(file, node, [own.node]);
      case 'system.img':
        return digests.resource(file, layers, systemRamdisk(shared));
      case 'vmlinuz':
        return digests.resource(file, layers, [shared.kernel]);
      case 'initrd.img':
        return digests.resource(file, layers, [shared.initrd]);
      case 'base.squashfs':
        return digests.resource(file, layers, [shared.base]);
      case 'artifacts.squashfs':
        return shared.artifacts === null ? null : digests.resource(file, layers, [shared.artifacts]);
    }
  };
  return { nodes, find };
}

function layersOf({ nodes }: Manifest, node: string): string {
  const record = nodes[node];
  return `${record?.base ?? ''}/${record?.artifactLayer ?? 'none'}`;
}

/** By the path of an image; none for a file that is missing or whose size is not that of the manifest. */
async function stampsOf(
  folder: string,
  manifest: Manifest,
  nodes: readonly ServedNode[],
): Promise<ReadonlyMap<string, string>> {
  const stamps = new Map<string, string>();
  for (const { path, size } of nodes.flatMap(({ name }) => imagesOf(manifest, name))) {
    const found = await stat(join(folder, path), { bigint: true }).catch(() => null);
    if (found?.size === BigInt(size)) stamps.set(path, stampOf(found));
  }
  return stamps;
}

/** @throws BuildError exit 7 when the file is not that which was there when the server started */
async function unchanged(path: string, stamp: string | undefined): Promise<FilePiece> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  if (stamp === undefined || found === null || stampOf(found) !== stamp) {
    throw verificationError(`\`${path}\` is not the image of the build that is served.`, 'start the server again');
  }
  return { path, offset: 0, length: Number(found.size), stamp };
}

async function readLayout(file: FilePiece, signal: AbortSignal | undefined): Promise<Layout> {
  const iso = file.path;
  const paths = ['live/vmlinuz', 'live/initrd.img', BASE_LAYER_FILE, NODE_LAYER_FILE, NODE_CONFIG_FILE];
  const all = [...paths, ARTIFACT_LAYER_FILE].map((path) => `/${path}`);
  const [kernel, initrd, base, node, config, artifacts] = await isoExtents(iso, all, signal);
  if (!kernel || !initrd || !base || !node || !config) throw verificationError(`\`${iso}\` lacks a part.`);
  const piece = (extent: Extent): Piece => ({ ...file, ...extent });
  const boot = parseNodeConfig((await readExtent(iso, config)).toString());
  if (boot === null) throw verificationError(`\`${iso}\` has no settings for the boot loader.`);
  return {
    ...{ kernel: piece(kernel), initrd: piece(initrd), base: piece(base) },
    artifacts: artifacts ? piece(artifacts) : null,
    node: piece({ offset: node.offset, length: await squashfsLength(iso, node) }),
    boot,
  };
}

/** A squashfs is shorter than its extent: `bytes_used` of its superblock, up to a whole 4 KiB, as mksquashfs(1) writes it. */
async function squashfsLength(iso: string, extent: Extent): Promise<number> {
  const superblock = await readExtent(iso, { offset: extent.offset, length: 96 });
  const used = Number(superblock.readBigUInt64LE(40));
  if (superblock.toString('latin1', 0, 4) !== 'hsqs' || used > extent.length) {
    throw verificationError(`\`${iso}\` has no node layer.`);
  }
  return Math.ceil(used / 4096) * 4096;
}
