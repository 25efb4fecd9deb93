/**
 * The sources of tokens that are not in images: the masters' join service, whose script is the real one, and a store.
 */
import type { Node } from './node.ts';
import { after, refuse, say, type Reply } from './reply.ts';
import type { World } from './world.ts';

export const STORE = 'store.example';
/** The simulated world begins with 2026, as in shell.sh. */
const BEGIN = Date.UTC(2026, 0, 1);
/** Certificates are valid from a day before they are made. */
const DAY = 86_400;

/** When a node's certificate for joining begins, as haproxy's ssl_c_notbefore has it. */
const notBefore = ({ certified }: Node): string =>
  `${new Date(BEGIN + (certified - DAY) * 1000).toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`;

/** As request.sh asks curl for it. */
export const httpReply = (status: string, body: string, takes = 0.1): Reply => say(`${body}\n${status} `, takes);
export const noAnswer = (takes: number): Reply => ({ ...refuse('', takes, 28), out: '\n000 it does not answer' });

export function store(world: World, url: URL, args: readonly string[]): Reply {
  const name = url.pathname.slice(1);
  if (world.random.chance(0.05)) return noAnswer(5);
  if (after(args, '--request') === 'PUT') {
    world.store.set(name, after(args, '--data-binary').trim());
    return httpReply('200', '');
  }
  const held = world.store.get(name);
  return held === undefined ? httpReply('404', '') : httpReply('200', held);
}

/**
 * What the join service of the master at this address is asked, as haproxy hands it on; null when nobody is there.  */
export function joinRequest(world: World, node: Node, url: URL) {
  const master = world.at(url.hostname);
  const isThere =
    master !== undefined &&
    world.connected(master, node) &&
    master.units.has('cluster-join.socket') &&
    world.kubernetes.isActive(master, 'haproxy');
  if (!isThere) return null;
  return { master, text: requestOf(node, url.pathname) };
}

/** As haproxy hands it on: it adds what it knows of the client. */
export function requestOf(node: Node, path: string): string {
  const headers = {
    'x-forwarded-for': node.ip,
    'x-join-name': `coldstart:joining:${node.name}`,
    'x-join-serial': '4F'.repeat(16),
    'x-join-not-before': notBefore(node),
  };
  const lines = Object.entries(headers).map((pair) => `${pair.join(': ')}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The other way: what the service wrote, as curl prints it. */
export function joinReply(text: string): Reply {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return httpReply(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? '502', body.trimEnd());
}
