/** Answers requests for `/<node or MAC>/<token>/<file>`. All other addresses, and wrong tokens, get the same answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientOf } from './http/connections.ts';
import { ClientGone, type Patience } from './http/pour.ts';
import type { ByteRange } from './http/ranges.ts';
import { send } from './http/send.ts';
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
  | { readonly type: 'unsaved'; readonly message: string };

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

export function answerer(
  shelf: Shelf,
  links: Links,
  patience: Patience,
  report: (event: ServeEvent) => void,
): Answerer {
  const [began, refused] = [reportOnce(report), reportOnce(report)];
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, [405, 'Only GET and HEAD.']);
    }
    const client = clientOf(request.socket);
    const { name, token, file } = parseAddress(request.url ?? '');
    const reads = request.method === 'GET' ? (file ?? null) : null;
    const admission = links.admit(name, token, client, reads);
    if ('refused' in admission) {
      const { refused: reason } = admission;
      refused({ type: 'refused', client, reason });
      return refuse(response, REFUSALS[reason]);
    }
    if (file === undefined) return refuse(response, REFUSALS.unknown);
    const { node, isAgain } = admission;
    began({ type: 'began', node, file, client });
    const download = await sendFile(node, file, { shelf, patience, report }, request, response);
    if (download === null || isAgain || !links.downloaded(node, token, file, download)) return;
    report({ type: 'used', node, file, client });
  };
}

interface Context {
  readonly shelf: Shelf;
  readonly patience: Patience;
  readonly report: (event: ServeEvent) => void;
}

/** Null unless the client has downloaded the file to its end, as a download does. */
async function sendFile(
  node: string,
  file: FileName,
  { shelf, patience, report }: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<(ByteRange & { readonly size: number }) | null> {
  const failed = (error: unknown): void => {
    report({ type: 'failed', node, file, message: error instanceof Error ? error.message : String(error) });
  };
  const resource = await shelf.find(node, file).catch(failed);
  if (resource === undefined) refuse(response, [500, 'This file cannot be made now.']);
  else if (resource === null) refuse(response, REFUSALS.unknown);
  else {
    try {
      const range = await send(resource, request, response, patience);
      return range === null ? null : { ...range, size: resource.size };
    } catch (error) {
      if (!(error instanceof ClientGone)) failed(error);
      response.destroy();
    }
  }
  return null;
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

function refuse(response: ServerResponse, [status, text]: readonly [number, string]): void {
  const body = `${text}\n`;
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
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
