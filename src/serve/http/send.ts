/** Sends a resource as the answer to one request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { slice } from '../../builder/images/composed-file.ts';
import type { Resource } from '../resource.ts';
import { Buffers } from './buffers.ts';
import { pour, type Patience } from './pour.ts';
import { answerTo, isOpenEnded, type ByteRange } from './ranges.ts';

const BUFFERS = new Buffers();

/**
 * The bytes of the file that the client has downloaded; null when it got none, or read them as a disk does.
 * @throws ClientGone
 * @throws an error when a file could not be read; then the answer is not complete
 */
export async function send(
  resource: Resource,
  request: IncomingMessage,
  response: ServerResponse,
  patience: Patience,
): Promise<ByteRange | null> {
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
    return null;
  }
  const { status, range } = answer;
  const { begin, end } = range;
  const part = status === 206 ? { 'Content-Range': `bytes ${begin}-${end - 1}/${size}` } : {};
  response.writeHead(status, { ...headers, ...part, 'Content-Type': type, 'Content-Length': end - begin });
  if (isHead) {
    response.end();
    return null;
  }
  await pour(slice(resource.pieces, begin, end), response, BUFFERS, patience);
  return status === 200 || isOpenEnded(request.headers.range) ? range : null;
}
