import { describe, expect, it } from 'vitest';
import { answerTo, isOpenEnded, parseRange } from '../../src/serve/http/ranges.ts';

const ETAG = '"abc"';
const WHOLE = { status: 200, range: { begin: 0, end: 1000 } };

describe('a range', () => {
  it.each([
    ['bytes=0-99', { begin: 0, end: 100 }],
    ['bytes=900-', { begin: 900, end: 1000 }],
    ['bytes=-10', { begin: 990, end: 1000 }],
    ['bytes=-5000', { begin: 0, end: 1000 }],
    ['bytes=999-100000', { begin: 999, end: 1000 }],
    ['Bytes= 0-0 ', { begin: 0, end: 1 }],
    ['bytes=1000-', 'beyond'],
    ['bytes=-0', 'beyond'],
    ['bytes=0-1,5-6', 'ignored'],
    ['bytes=9-3', 'ignored'],
    ['bytes=-', 'ignored'],
    ['bytes=1x-5', 'ignored'],
    ['bytes=99999999999999999999-', 'ignored'],
    ['lines=0-5', 'ignored'],
  ] as const)('%s', (text, expected) => {
    expect(parseRange(text, 1000)).toEqual(expected);
  });

  it('of an empty file is always beyond it', () => {
    expect(['bytes=0-', 'bytes=-5'].map((text) => parseRange(text, 0))).toEqual(['beyond', 'beyond']);
  });

  it('to the end is a download, one with both ends or a suffix is not', () => {
    expect(['bytes=0-', 'bytes=500- '].map(isOpenEnded)).toEqual([true, true]);
    expect([undefined, 'bytes=0-999', 'bytes=-5', 'bytes=0-,5-'].map(isOpenEnded)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('an answer', () => {
  const answer = (headers: Parameters<typeof answerTo>[0], isHead = false) => answerTo(headers, ETAG, 1000, isHead);

  it('has the range that was asked for', () => {
    expect(answer({ range: 'bytes=5-9' })).toEqual({ status: 206, range: { begin: 5, end: 10 } });
    expect(answer({ range: 'bytes=1000-' })).toEqual({ status: 416 });
  });

  it('is the whole file for several ranges, for a HEAD request, and when the file has changed', () => {
    expect(answer({ range: 'bytes=0-1,5-6' })).toEqual(WHOLE);
    expect(answer({ range: 'bytes=0-1' }, true)).toEqual(WHOLE);
    expect(answer({ range: 'bytes=0-1', 'if-range': '"old"' })).toEqual(WHOLE);
    expect(answer({ range: 'bytes=0-1', 'if-range': 'W/"abc"' })).toEqual(WHOLE);
    expect(answer({ range: 'bytes=0-1', 'if-range': 'Sat, 28 Nov 2026 00:00:00 GMT' })).toEqual(WHOLE);
    expect(answer({ range: 'bytes=0-1', 'if-range': ETAG })).toMatchObject({ status: 206 });
  });

  it('obeys If-None-Match and If-Match', () => {
    for (const tags of [ETAG, '*', '"x", "abc"', 'W/"abc"']) expect(answer({ 'if-none-match': tags }).status).toBe(304);
    expect(answer({ 'if-none-match': '"x", "y"' })).toEqual(WHOLE);
    expect(answer({ 'if-match': '"x"' })).toEqual({ status: 412 });
    expect(answer({ 'if-match': 'W/"abc"' })).toEqual({ status: 412 });
    expect(answer({ 'if-match': '"x", "abc"' })).toEqual(WHOLE);
  });
});
