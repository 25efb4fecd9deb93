/**
 * Makes a node's ISO from the template that all nodes of its base layer share: a copy (a reflink if the file system supports
 * it) with the reserved extents filled in. The shared beginning is hashed only once for all nodes. So a further node costs a
 * copy, and hashing the last few megabytes.
 */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { readChunks } from '../system/read-chunks.ts';
import { ResumableSha256, type RunningHash } from '../system/resumable-sha256.ts';
import { settleBoth } from '../system/settle-both.ts';
import { hashPieces, overlaid, slice, totalSize, type Piece } from './composed-file.ts';
import type { Extent } from './iso-extents.ts';
import { tailOffsetOf, type IsoTemplate } from './iso-template.ts';
import { cloneFile } from '../system/clone-file.ts';

export interface NodeParts {
  /** Path of the node layer's squashfs. */
  readonly layer: string;
  /** The boot loader's settings for this node. */
  readonly config: string;
}

/** The common part of all images of a template, read once per build. */
export interface SharedImage {
  readonly template: IsoTemplate;
  /** Hash of the bytes before {@link tailOffset}; never finished, only copied. */
  readonly prefix: RunningHash;
  /** Where the first reserved extent begins. */
  readonly tailOffset: number;
}

/**
 * For so few images the kept state of the hash is resumed, although the rest of each image is then hashed by slower code: 11 MB
 * take 50 ms instead of 6, and 400 MB are not read.
 */
const FEW = 4;

/**
 * Hashes the common part of the images of a template, once.
 * @param images how many images are made of it; by default many
 */
export async function openShared(template: IsoTemplate, images = Infinity): Promise<SharedImage> {
  const tailOffset = tailOffsetOf(template);
  if (images <= FEW && template.prefix?.length === tailOffset) {
    return { template, prefix: new ResumableSha256(template.prefix), tailOffset };
  }
  const prefix = createHash('sha256');
  for await (const chunk of readChunks(template.path, 0, tailOffset)) prefix.update(chunk);
  return { template, prefix, tailOffset };
}

/**
 * Writes one node's image to `output`.
 * @param makeParts makes the content of the extents, while the template is being copied
 * @param clone copies the template
 * @returns its SHA-256, computed from the parts, not from the written file
 */
export async function writeNodeImage(
  shared: SharedImage,
  makeParts: () => Promise<NodeParts>,
  output: string,
  clone = cloneFile,
): Promise<string> {
  const copying = clone(shared.template.path, output);
  const [{ fillings, digest }] = await settleBoth(makeFillings(shared, makeParts), copying);
  const file = await open(output, 'r+');
  try {
    for (const { extent, content } of fillings) {
      let at = extent.offset;
      for await (const chunk of content()) at += (await file.write(chunk, 0, chunk.length, at)).bytesWritten;
    }
  } finally {
    await file.close();
  }
  return digest;
}

/** One node's image as pieces of the template and its own parts, without a copy. @param config the boot loader's settings */
export function composeNodeImage({ template }: SharedImage, layer: Piece, config: string): Piece[] {
  const { path, size, nodeLayer, nodeConfig } = template;
  const settings = { bytes: paddedConfig(config, nodeConfig.length) };
  requireFit(totalSize([layer]), nodeLayer);
  requireFit(settings.bytes.length, nodeConfig);
  const withLayer = overlaid([{ path, offset: 0, length: size }], nodeLayer.offset, layer);
  return overlaid(withLayer, nodeConfig.offset, settings);
}

/** SHA-256 of a composed image; its beginning is not read again. */
export function digestOfImage(
  { template, prefix, tailOffset }: SharedImage,
  pieces: readonly Piece[],
): Promise<string> {
  return hashPieces(slice(pieces, tailOffset, template.size), prefix);
}

function requireFit(size: number, { length }: Extent): void {
  if (size > length) throw new Error(`${String(size)} bytes do not fit the extent`);
}

interface Filling {
  readonly extent: Extent;
  /** Bytes, at most the length of the extent; the rest stays zero, as in the template. */
  readonly size: number;
  readonly content: () => AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** The content of the extents, in the order of their offsets, and the digest of the resulting image. */
async function makeFillings(
  shared: SharedImage,
  makeParts: () => Promise<NodeParts>,
): Promise<{ readonly fillings: readonly Filling[]; readonly digest: string }> {
  const { nodeLayer, nodeConfig } = shared.template;
  const { layer, config } = await makeParts();
  const { size } = await stat(layer);
  const settings = paddedConfig(config, nodeConfig.length);
  const fillings = [
    { extent: nodeLayer, size, content: () => readChunks(layer, 0, size) },
    { extent: nodeConfig, size: settings.length, content: () => [settings] },
  ].toSorted((a, b) => a.extent.offset - b.extent.offset);
  for (const { extent, size: needed } of fillings) requireFit(needed, extent);
  return { fillings, digest: await digestWith(shared, fillings) };
}

/** The digest of the image; all bytes outside of the fillings are those of the template. */
async function digestWith(shared: SharedImage, fillings: readonly Filling[]): Promise<string> {
  const { template, prefix, tailOffset } = shared;
  const hash = prefix.copy();
  let at = tailOffset;
  for (const { extent, size, content } of fillings) {
    for await (const chunk of ofTemplate(shared, at, extent.offset)) hash.update(chunk);
    for await (const chunk of content()) hash.update(chunk);
    at = extent.offset + size;
  }
  for await (const chunk of ofTemplate(shared, at, template.size)) hash.update(chunk);
  return hash.digest('hex');
}

/** Bytes of a tail that is kept in memory: that of the smallest size class has 11 MB. Reading it again takes as long as its hash. */
const KEPT_TAIL = 16 << 20;
const tails = new WeakMap<SharedImage, Promise<Buffer>>();

/** Bytes of the template, not before its tail. */
async function* ofTemplate(shared: SharedImage, begin: number, end: number): AsyncGenerator<Buffer> {
  const { template, tailOffset } = shared;
  if (template.size - tailOffset > KEPT_TAIL) {
    yield* readChunks(template.path, begin, end);
    return;
  }
  const tail = tails.get(shared) ?? readRange(template.path, tailOffset, template.size);
  tails.set(shared, tail);
  yield (await tail).subarray(begin - tailOffset, end - tailOffset);
}

async function readRange(path: string, begin: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(path, begin, end)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Padded with line feeds, because GRUB reads the whole extent as a script. */
function paddedConfig(config: string, length: number): Buffer {
  const text = Buffer.from(config);
  return Buffer.concat([text, Buffer.alloc(Math.max(0, length - text.length), '\n')]);
}
