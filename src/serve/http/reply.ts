/** The answer to a request for a resource, as a value. */
import { slice } from '../../builder/images/composed-file.ts';
import type { Resource } from '../resource.ts';
import type { Asked, Reply } from './exchange.ts';
import { answerTo, isOpenEnded, type ByteRange } from './ranges.ts';

interface ResourceReply extends Omit<Reply, 'ended'> {
  /** What a client that takes the body downloads; null when it gets none, or reads places of the file as a disk does. */
  readonly download: ByteRange | null;
}

export function replyWith({ size, sha256, type, pieces }: Resource, { method, headers: asked }: Asked): ResourceReply {
  const isHead = method === 'HEAD';
  const etag = `"${sha256}"`;
  const answer = answerTo(asked, etag, size, isHead);
  const headers = {
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-store', // the address holds the token
    ETag: etag,
  };
  if (!('range' in answer)) {
    const { status } = answer;
    const where = status === 416 ? { 'Content-Range': `bytes */${String(size)}` } : {};
    const length = status === 304 ? {} : { 'Content-Length': 0 };
    return { status, headers: { ...headers, ...where, ...length }, body: [], download: null };
  }
  const { status, range } = answer;
  const { begin, end } = range;
  // Only here: with 412 and 416 it would be that of the error's text (RFC 9530, appendix B.9), and 304 has no such field (RFC 9110, section 15.4.5).
  const digest = { 'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:` };
  const part = status === 206 ? { 'Content-Range': `bytes ${begin}-${end - 1}/${size}` } : {};
  return {
    status,
    headers: { ...headers, ...digest, ...part, 'Content-Type': type, 'Content-Length': end - begin },
    body: isHead ? [] : slice(pieces, begin, end),
    download: !isHead && (status === 200 || isOpenEnded(asked.range)) ? range : null,
  };
}

/** A text for a person. */
export function replyText(status: number, text: string, method: string, more: Reply['headers'] = {}): Reply {
  const bytes = Buffer.from(`${text}\n`);
  return {
    status,
    headers: {
      ...more,
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Length': bytes.length,
    },
    body: method === 'HEAD' ? [] : [{ bytes }],
    ended: () => undefined,
  };
}
