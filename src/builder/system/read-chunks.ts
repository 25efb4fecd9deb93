/** Reads a part of a file without holding it in memory. */
import { open } from 'node:fs/promises';

/** Bytes that are read or written at once. A whole layer may be larger than the largest buffer. */
const CHUNK = 4 << 20;

/** The bytes of a file from `begin` to before `end`. Each chunk overwrites the one before. */
export async function* readChunks(path: string, begin: number, end: number): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, end - begin));
    for (let at = begin; at < end;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, end - at), at);
      if (bytesRead === 0) throw new Error(`${path} ends at ${String(at)}`);
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
