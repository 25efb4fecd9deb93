/**
 * A file that exists only as a list of pieces: parts of other files, and bytes in memory. It can be read from any place, hashed
 * and copied to a disk. So a thousand images need no more room than the layers that they are made of.
 */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { RunningHash } from '../system/resumable-sha256.ts';

/** Bytes of a file on the disk. */
export interface FilePiece {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** That of `stampOf`; a file with another stamp is not read. Without it, the file is one that nobody changes. */
  readonly stamp?: string;
}

/** Bytes of a file on the disk, or in memory. */
export type Piece = FilePiece | { readonly bytes: Uint8Array };

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
    return [{ ...piece, offset: piece.offset + from, length: to - from }];
  });
}

/** Replaces the bytes from `offset` on by those of `piece`. */
export function overlaid(pieces: readonly Piece[], offset: number, piece: Piece): Piece[] {
  const after = offset + sizeOf(piece);
  return [...slice(pieces, 0, offset), piece, ...slice(pieces, after, totalSize(pieces))];
}

/** Changes when the file is replaced or written: stat(2). */
export const stampOf = ({ dev, ino, size, mtimeNs }: BigIntStats): string => [dev, ino, size, mtimeNs].join(' ');

/** A piece while it is read. */
export class PieceReader {
  readonly #piece: FilePiece;
  readonly #file: FileHandle;
  #done = 0;

  private constructor(piece: FilePiece, file: FileHandle) {
    [this.#piece, this.#file] = [piece, file];
  }

  static async open(piece: FilePiece): Promise<PieceReader> {
    return new PieceReader(piece, await open(piece.path));
  }

  /**
   * The next bytes, in a part of `buffer`; null at the end.
   * @throws an error when the file is shorter than the piece says, or, before the last bytes, when it is no longer the same
   */
  async read(buffer: Buffer): Promise<Uint8Array | null> {
    const { path, offset, length } = this.#piece;
    const left = length - this.#done;
    if (left === 0) return null;
    const { bytesRead } = await this.#file.read(buffer, 0, Math.min(buffer.length, left), offset + this.#done);
    if (bytesRead === 0) throw new Error(`${path} ends before byte ${String(offset + length)}`);
    if (bytesRead === left) await this.#requireSame();
    this.#done += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  async #requireSame(): Promise<void> {
    const { path, stamp } = this.#piece;
    if (stamp === undefined || stamp === stampOf(await this.#file.stat({ bigint: true }))) return;
    throw new Error(`${path} was replaced or changed`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Reads all pieces in order. Each chunk is a part of `buffer` and is overwritten by the next one. @throws as PieceReader */
export async function* readPieces(pieces: readonly Piece[], buffer: Buffer): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if ('bytes' in piece) {
      yield piece.bytes;
      continue;
    }
    const reader = await PieceReader.open(piece);
    try {
      for (let chunk; (chunk = await reader.read(buffer)) !== null;) yield chunk;
    } finally {
      await reader.close();
    }
  }
}

/** Bytes that are read at once where nobody else waits. */
const CHUNK = 1 << 20;

/** SHA-256 in hexadecimal digits. @param beginning a hash of the bytes before the pieces; it is not changed */
export async function hashPieces(pieces: readonly Piece[], beginning?: RunningHash): Promise<string> {
  const hash: RunningHash = beginning?.copy() ?? createHash('sha256');
  for await (const chunk of readPieces(pieces, Buffer.allocUnsafe(CHUNK))) hash.update(chunk);
  return hash.digest('hex');
}
