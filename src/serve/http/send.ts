/** Sends a resource as the answer to one request. A client that reads slowly costs one buffer and no time of others. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readPieces, slice } from '../../builder/images/composed-file.ts';
import type { Resource } from '../resource.ts';
import { answerTo, type ByteRange } from './ranges.ts';

/** Bytes that are read at once, and kept in memory for each client. */
const CHUNK = 128 << 10;

/** Milliseconds in which a client must take one chunk; slower ones are cut off. */
const PATIENCE = 120_000;

interface Sent {
  readonly status: number;
  /** The bytes of the file that the client has taken; null when it got none. */
  readonly range: ByteRange | null;
}

/** @throws an error when the client went away, or a file could not be read */
export async function send(resource: Resource, request: IncomingMessage, response: ServerResponse): Promise<Sent> {
  const { size, sha256, type } = resource;
  const isHead = request.method === 'HEAD';
  const etag = `"${sha256}"`;
  const answer = answerTo(request.headers, etag, size, isHead);
  const headers = {
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-store', // the address holds the token
    ETag: etag,
    'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`, // RFC 9530
  };
  if (!('range' in answer)) {
    const { status } = answer;
    const where = status === 416 ? { 'Content-Range': `bytes */${String(size)}` } : {};
    response.writeHead(status, { ...headers, ...where, ...(status === 304 ? {} : { 'Content-Length': 0 }) }).end();
    return { status, range: null };
  }
  const { status, range } = answer;
  const { begin, end } = range;
  const part = status === 206 ? { 'Content-Range': `bytes ${begin}-${end - 1}/${size}` } : {};
  response.writeHead(status, { ...headers, ...part, 'Content-Type': type, 'Content-Length': end - begin });
  if (isHead) {
    response.end();
    return { status, range: null };
  }
  await pour(resource, range, response);
  return { status, range };
}

async function pour({ pieces }: Resource, { begin, end }: ByteRange, response: ServerResponse): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, end - begin));
  for await (const chunk of readPieces(slice(pieces, begin, end), buffer)) {
    for (let at = 0; at < chunk.length; at += CHUNK) {
      await taken(response, (done) => response.write(chunk.subarray(at, at + CHUNK), done));
    }
  }
  await taken(response, (done) => response.end(done));
}

/** Waits until the socket has taken the bytes, so that the buffer can be filled again. */
function taken(response: ServerResponse, write: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null): void => {
      clearTimeout(timer);
      response.off('close', gone);
      if (error) reject(error);
      else resolve();
    };
    const gone = (): void => {
      settle(new Error('the client went away'));
    };
    const timer = setTimeout(() => response.destroy(), PATIENCE);
    response.once('close', gone);
    if (response.destroyed) gone();
    else write(settle);
  });
}
