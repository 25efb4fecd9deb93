/**
 * Makes a node's ISO of the template that all nodes of its base layer share: a copy (a reflink where the file system can)
 * with the reserved extents filled in. Its SHA-256 is resumed from that of the shared beginning, so a further node costs
 * a copy and the hashing of the last few megabytes.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, open, readFile, type FileHandle } from 'node:fs/promises';
import { both } from './both.ts';
import type { Extent } from './iso-extents.ts';
import type { IsoTemplate } from './iso-template.ts';

export interface NodeParts {
  /** Path of the node layer's squashfs. */
  readonly layer: string;
  /** The boot loader's settings for this node. */
  readonly config: string;
}

/** What is the same in all images of a template, read once a build. */
export interface SharedImage {
  readonly template: IsoTemplate;
  /** Hash of the bytes before {@link tailOffset}; never finished, only copied. */
  readonly prefix: Hash;
  readonly tailOffset: number;
  /** Everything from {@link tailOffset} to the end, with empty extents. */
  readonly tail: Buffer;
}

const CHUNK = 4 << 20;

/** Reads a template once: hashes what its images share, and keeps the rest. */
export async function openShared(template: IsoTemplate): Promise<SharedImage> {
  const tailOffset = Math.min(template.nodeLayer.offset, template.nodeConfig.offset);
  const file = await open(template.path);
  try {
    const prefix = createHash('sha256');
    for (let at = 0; at < tailOffset; at += CHUNK) {
      prefix.update(await readAt(file, at, Math.min(CHUNK, tailOffset - at)));
    }
    return { template, prefix, tailOffset, tail: await readAt(file, tailOffset, template.size - tailOffset) };
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error(`the template ends at ${String(position + bytesRead)}`);
  return buffer;
}

/**
 * Writes one node's image to `output`.
 * @param makeParts makes what fills the extents, while the template is being copied
 * @returns its SHA-256, computed from what was put in, not read back
 */
export async function writeNodeImage(
  shared: SharedImage,
  makeParts: () => Promise<NodeParts>,
  output: string,
): Promise<string> {
  const copying = copyFile(shared.template.path, output, constants.COPYFILE_FICLONE);
  const [{ fillings, digest }] = await both(makeFillings(shared, makeParts), copying);
  const file = await open(output, 'r+');
  try {
    for (const { extent, content } of fillings) await file.write(content, 0, content.length, extent.offset);
  } finally {
    await file.close();
  }
  return digest;
}

interface Filling {
  readonly extent: Extent;
  /** Not longer than the extent; what it leaves free is zero, as in the template. */
  readonly content: Buffer;
}

/** What is put into the extents, in the order of their places, and the digest of the whole image with it. */
async function makeFillings(
  shared: SharedImage,
  makeParts: () => Promise<NodeParts>,
): Promise<{ readonly fillings: readonly Filling[]; readonly digest: string }> {
  const { nodeLayer, nodeConfig } = shared.template;
  const { layer, config } = await makeParts();
  const fillings = [
    { extent: nodeLayer, content: await readFile(layer) },
    { extent: nodeConfig, content: paddedConfig(config, nodeConfig.length) },
  ].toSorted((a, b) => a.extent.offset - b.extent.offset);
  for (const { extent, content } of fillings) {
    if (content.length > extent.length) throw new Error(`${String(content.length)} bytes do not fit the extent`);
  }
  return { fillings, digest: digestWith(shared, fillings) };
}

/** Takes what is between the fillings from the template's tail as it is: a copy for each node would cost more than the hash. */
function digestWith({ prefix, tail, tailOffset }: SharedImage, fillings: readonly Filling[]): string {
  const hash = prefix.copy();
  let at = 0;
  for (const { extent, content } of fillings) {
    const start = extent.offset - tailOffset;
    hash.update(tail.subarray(at, start)).update(content);
    at = start + content.length;
  }
  return hash.update(tail.subarray(at)).digest('hex');
}

/** GRUB reads the whole extent as a script, so it is filled up with empty lines. */
function paddedConfig(config: string, length: number): Buffer {
  const text = Buffer.from(config);
  return Buffer.concat([text, Buffer.alloc(Math.max(0, length - text.length), '\n')]);
}

/** The node's part of the boot loader's configuration; the front end lets no character through that GRUB would expand. */
export function nodeConfig(name: string, kernelArgs: readonly string[]): string {
  return `set node_name='${name}'\nset node_kernel_args='${kernelArgs.join(' ')}'\n`;
}
