/**
 * A file that exists only as a list of pieces: parts of other files, and bytes in memory. It can be read from any place, hashed
 * and copied to a disk. So a thousand images need no more room than the layers that they are made of.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { RunningHash } from '../system/resumable-sha256.ts';

/** Bytes of a file on the disk, or in memory. */
export type Piece =
  { readonly path: string; readonly offset: number; readonly length: number } | { readonly bytes: Uint8Array };

export const sizeOf = (piece: Piece): number => ('bytes' in piece ? piece.bytes.length : piece.length);

/** Bytes of the whole file. */
export const totalSize = (pieces: readonly Piece[]): number => pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);

/** The pieces that hold the bytes from `begin` to before `end`. */
export function slice(pieces: readonly Piece[], begin: number, end: number): Piece[] {
  let at = 0;
  return pieces.flatMap((piece): Piece[] => {
    const [start, size] = [at, sizeOf(piece)];
    at += size;
    const [from, to] = [Math.max(begin - start, 0), Math.min(end - start, size)];
    if (from >= to) return [];
    if ('bytes' in piece) return [{ bytes: piece.bytes.subarray(from, to) }];
    return [{ path: piece.path, offset: piece.offset + from, length: to - from }];
  });
}

/** Replaces the bytes from `offset` on by those of `piece`. */
export function overlaid(pieces: readonly Piece[], offset: number, piece: Piece): Piece[] {
  const after = offset + sizeOf(piece);
  return [...slice(pieces, 0, offset), piece, ...slice(pieces, after, totalSize(pieces))];
}

/**
 * Reads all pieces in order. Each chunk is a part of `buffer` and is overwritten by the next one.
 * @throws an error when a file is shorter than its piece says
 */
export async function* readPieces(pieces: readonly Piece[], buffer: Buffer): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if ('bytes' in piece) yield piece.bytes;
    else yield* readFilePiece(piece, buffer);
  }
}

async function* readFilePiece(
  { path, offset, length }: Exclude<Piece, { bytes: Uint8Array }>,
  buffer: Buffer,
): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (let done = 0; done < length;) {
      const read = await readSome(file, buffer, offset + done, length - done);
      if (read === 0) throw new Error(`${path} ends before byte ${String(offset + length)}`);
      yield buffer.subarray(0, read);
      done += read;
    }
  } finally {
    await file.close();
  }
}

async function readSome(file: FileHandle, buffer: Buffer, at: number, most: number): Promise<number> {
  return (await file.read(buffer, 0, Math.min(buffer.length, most), at)).bytesRead;
}

/** Bytes that are read at once where nobody else waits. */
const CHUNK = 1 << 20;

/** SHA-256 in hexadecimal digits. @param beginning a hash of the bytes before the pieces; it is not changed */
export async function hashPieces(pieces: readonly Piece[], beginning?: RunningHash): Promise<string> {
  const hash: RunningHash = beginning?.copy() ?? createHash('sha256');
  for await (const chunk of readPieces(pieces, Buffer.allocUnsafe(CHUNK))) hash.update(chunk);
  return hash.digest('hex');
}
