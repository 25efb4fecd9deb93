/** Conditional requests and ranges (RFC 9110, sections 13 and 14), as values. One range at most: a list of ranges gets the whole file. */
import type { Conditions } from './exchange.ts';

/** From the first to before the last byte. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

type Answer = { readonly status: 200 | 206; readonly range: ByteRange } | { readonly status: 304 | 412 | 416 };

/**
 * The answer to a request for a file that exists.
 * @param etag strong, with its quotes
 * @param isHead a HEAD request ignores `Range` (section 14.2)
 */
export function answerTo(headers: Conditions, etag: string, size: number, isHead: boolean): Answer {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch !== undefined && !isListed(etag, ifMatch, false)) return { status: 412 };
  if (ifNoneMatch !== undefined && isListed(etag, ifNoneMatch, true)) return { status: 304 };
  const whole = { status: 200, range: { begin: 0, end: size } } as const;
  const condition = headers['if-range'];
  if (isHead || headers.range === undefined || (condition !== undefined && condition.trim() !== etag)) return whole;
  const range = parseRange(headers.range, size);
  if (range === 'ignored') return whole;
  return range === 'beyond' ? { status: 416 } : { status: 206, range };
}

/** @param weakly whether a weak tag counts as the strong one (section 8.8.3.2) */
function isListed(etag: string, list: string, weakly: boolean): boolean {
  if (list.trim() === '*') return true;
  const tags = list.match(/(W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === etag || (weakly && tag === `W/${etag}`));
}

/** `ignored`: not a valid range, several ranges, or another unit. `beyond`: no byte of the file. */
export function parseRange(text: string, size: number): ByteRange | 'ignored' | 'beyond' {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(text) ?? [];
  if (first === '') {
    if (last === '') return 'ignored';
    const length = Math.min(Number(last), size);
    return length === 0 ? 'beyond' : { begin: size - length, end: size };
  }
  const [begin, end] = [Number(first), last === '' ? size : Number(last) + 1];
  if (end <= begin && last !== '') return 'ignored';
  return begin >= size ? 'beyond' : { begin, end: Math.min(end, size) };
}

/** Whether the client loads the file from a place to its end, as a download does, instead of reading places of it, as a disk does. */
export const isOpenEnded = (range = ''): boolean => /^bytes=[ \t]*\d+-[ \t]*$/i.test(range);
