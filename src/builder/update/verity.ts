/**
 * Makes the hash tree with which Linux' dm-verity checks each block of a file when it is read, in the format 1 of
 * https://docs.kernel.org/admin-guide/device-mapper/verity.html: SHA-256, blocks of 4 KiB, the top level first.
 */
import { createHash } from 'node:crypto';
import { readChunks } from '../system/read-chunks.ts';

/** Bytes. */
export const BLOCK = 4096;
const DIGEST = 32;

interface HashTree {
  /** Hexadecimal. */
  readonly rootHash: string;
  /** Of all levels; whole blocks. */
  readonly tree: Buffer;
}

/** @param size of the file, whole blocks @param salt comes before each block */
export async function hashTree(path: string, size: number, salt: Uint8Array): Promise<HashTree> {
  if (size % BLOCK !== 0 || size === 0) throw new Error(`${path} does not consist of whole blocks`);
  const hash = (block: Uint8Array): Buffer => createHash('sha256').update(salt).update(block).digest();
  const digests: Buffer[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of readChunks(path, 0, size)) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.length - (bytes.length % BLOCK);
    digests.push(...blocksOf(bytes.subarray(0, end)).map(hash));
    rest = Buffer.from(bytes.subarray(end));
  }
  const levels: Buffer[] = [];
  let level = digests;
  while (level.length > 1) {
    const blocks = padded(Buffer.concat(level));
    levels.unshift(blocks);
    level = blocksOf(blocks).map(hash);
  }
  const [root = Buffer.alloc(DIGEST)] = level;
  return { rootHash: root.toString('hex'), tree: Buffer.concat(levels) };
}

const blocksOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: bytes.length / BLOCK }, (_, index) => bytes.subarray(index * BLOCK, (index + 1) * BLOCK));

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
