/** Writes pieces of files to one client. One that reads slowly costs one small buffer and no time of others. */
import type { ServerResponse } from 'node:http';
import { PieceReader, type FilePiece } from '../../builder/images/composed-file.ts';
import type { Buffers } from './buffers.ts';
import type { DistantBytes, Reply } from './exchange.ts';

/** The client closed the connection, or took too few bytes and was cut off. */
class ClientGone extends Error {}

/** Bytes a second of the slowest client that is served, and milliseconds for a few bytes. */
export interface Patience {
  readonly rate: number;
  readonly least: number;
}

interface Poured {
  /** Bytes that the client's connection took. */
  readonly sent: number;
  /** Why a file could not be read, or is no longer the same; then the answer is not complete. */
  readonly failure: string | null;
}

/** Milliseconds in which a fast client has taken a buffer. */
const FAST = 1000;
/** Bytes of pieces in memory that are written at once. */
const CHUNK = 128 << 10;

export async function pour(
  pieces: Reply['body'],
  response: ServerResponse,
  buffers: Buffers,
  patience: Patience,
): Promise<Poured> {
  const pouring = new Pouring(response, buffers, patience);
  try {
    for (const piece of pieces) {
      if ('path' in piece) await pouring.file(piece);
      else await pouring.bytes('bytes' in piece ? inMemory(piece.bytes) : piece);
    }
    await pouring.end();
    return { sent: pouring.sent, failure: null };
  } catch (error) {
    response.destroy();
    const failure = error instanceof Error ? error.message : String(error);
    return { sent: pouring.sent, failure: error instanceof ClientGone ? null : failure };
  }
}

const inMemory = (bytes: Uint8Array): DistantBytes => ({
  ...{ length: bytes.length, fetch: (begin, end) => Promise.resolve(bytes.subarray(begin, end)) },
});

class Pouring {
  readonly #response: ServerResponse;
  readonly #buffers: Buffers;
  readonly #patience: Patience;
  sent = 0;
  #isFast = false;

  constructor(response: ServerResponse, buffers: Buffers, patience: Patience) {
    [this.#response, this.#buffers, this.#patience] = [response, buffers, patience];
  }

  async bytes({ length, fetch }: DistantBytes): Promise<void> {
    for (let at = 0; at < length; at += CHUNK) await this.#write(await fetch(at, Math.min(at + CHUNK, length)));
  }

  async file(piece: FilePiece): Promise<void> {
    const reader = await PieceReader.open(piece);
    try {
      while (await this.#chunk(reader));
    } finally {
      await reader.close();
    }
  }

  async end(): Promise<void> {
    await this.#taken(this.#patience.least, (done) => this.#response.end(done));
  }

  /** Whether there was one. */
  async #chunk(reader: PieceReader): Promise<boolean> {
    const buffer = this.#buffers.take(this.#isFast);
    try {
      const chunk = await reader.read(buffer);
      if (chunk !== null) await this.#write(chunk);
      this.#buffers.giveBack(buffer);
      return chunk !== null;
    } catch (error) {
      this.#buffers.giveUp(buffer);
      throw error;
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    const { rate, least } = this.#patience;
    const began = performance.now();
    const most = Math.max(least, (chunk.length / rate) * 1000);
    await this.#taken(most, (done) => this.#response.write(chunk, done));
    this.sent += chunk.length;
    this.#isFast = performance.now() - began < FAST;
  }

  /** Waits until the socket has taken the bytes, so that the buffer can be filled again. @param most milliseconds */
  #taken(most: number, write: (done: (error?: Error | null) => void) => void): Promise<void> {
    const response = this.#response;
    return new Promise((resolve, reject) => {
      const settle = (error?: Error | null): void => {
        clearTimeout(timer);
        response.off('close', gone);
        if (error) reject(new ClientGone(error.message));
        else resolve();
      };
      const gone = (): void => {
        settle(new ClientGone('the connection was closed'));
      };
      const timer = setTimeout(() => response.destroy(), most);
      response.once('close', gone);
      if (response.destroyed) gone();
      else write(settle);
    });
  }
}
