/** Answers requests for `/<node or MAC>/<token>/<file>`. All other addresses, and wrong tokens, get the same answer. */
import type { Reply } from './http/exchange.ts';
import { replyText, replyWith } from './http/reply.ts';
import type { Answerer } from './http/server.ts';
import type { Links } from './links.ts';
import { fileNamed, type FileName, type Shelf } from './resource.ts';

/** What the operator should know. Holds no token. */
export type ServeEvent =
  | { readonly type: 'began'; readonly node: string; readonly file: FileName; readonly client: string }
  | { readonly type: 'used'; readonly node: string; readonly file: FileName; readonly client: string }
  | { readonly type: 'refused'; readonly client: string; readonly reason: 'unknown' | 'used' | 'other-client' }
  | { readonly type: 'failed'; readonly node: string; readonly file: FileName; readonly message: string }
  /** The file of links could not be written. */
  | { readonly type: 'unsaved'; readonly message: string }
  /** A process that speaks with clients has ended, and its connections with it. Another one takes its place. */
  | { readonly type: 'restarted'; readonly message: string };

interface Address {
  readonly name: string;
  readonly token: string;
  readonly file: FileName | undefined;
}

const REFUSALS = {
  unknown: [404, 'Not found.'],
  used: [410, 'This link has been used. The file of links has a new one.'],
  'other-client': [403, 'Another client uses this link.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

/** Equal events are reported once, up to this many; hostile clients must not fill the log. */
const MOST_REMEMBERED = 10_000;

export function answerer(shelf: Shelf, links: Links, report: (event: ServeEvent) => void): Answerer {
  const [began, refused] = [reportOnce(report), reportOnce(report)];
  return async (asked, client) => {
    const { method, target } = asked;
    const refuse = ([status, text]: readonly [number, string], more = {}): Reply =>
      replyText(status, text, method, more);
    if (method !== 'GET' && method !== 'HEAD') return refuse([405, 'Only GET and HEAD.'], { Allow: 'GET, HEAD' });
    const { name, token, file } = parseAddress(target);
    const admission = links.admit(name, token, client, method === 'GET' ? (file ?? null) : null);
    if ('refused' in admission) {
      const { refused: reason } = admission;
      refused({ type: 'refused', client, reason });
      return refuse(REFUSALS[reason]);
    }
    if (file === undefined) return refuse(REFUSALS.unknown);
    const { node, isAgain } = admission;
    began({ type: 'began', node, file, client });
    const failed = (error: unknown): void => {
      report({ type: 'failed', node, file, message: error instanceof Error ? error.message : String(error) });
    };
    const resource = await shelf.find(node, file).catch(failed);
    if (resource === undefined) return refuse([500, 'This file cannot be made now.']);
    if (resource === null) return refuse(REFUSALS.unknown);
    const { download, ...reply } = replyWith(resource, asked);
    const ended: Reply['ended'] = (sent, failure) => {
      if (failure !== null) failed(failure);
      if (download === null || sent === 0 || isAgain) return;
      const got = { begin: download.begin, end: download.begin + sent, size: resource.size };
      if (links.downloaded(node, token, file, got)) report({ type: 'used', node, file, client });
    };
    return { ...reply, ended };
  };
}

/** The scheme and the authority of an absolute form, which servers must accept: RFC 9112, section 3.2.2. */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/** A name of no file gives a file that is undefined. @param target of a request, in origin or absolute form */
function parseAddress(target: string): Address {
  const [path = ''] = target.replace(ORIGIN, '').split('?');
  const [, name = '', token = '', file = '', ...rest] = path.split('/').map(decoded);
  return { name, token, file: rest.length === 0 ? fileNamed(file) : undefined };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function reportOnce(report: (event: ServeEvent) => void): (event: ServeEvent) => void {
  const seen = new Set<string>();
  return (event) => {
    const key = Object.values(event).join(' ');
    if (seen.has(key) || seen.size >= MOST_REMEMBERED) return;
    seen.add(key);
    report(event);
  };
}
