/** The server over loopback: what clients get, and what hostile ones do not. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '../../src/serve/http/server.ts';
import type { ServeEvent } from '../../src/serve/answer.ts';
import type { FileName, Resource, Shelf } from '../../src/serve/resource.ts';
import { resourceOf } from '../../src/serve/parts.ts';
import { serve } from '../../src/serve/run.ts';
import { temporaryFolder } from '../builder/temporary.ts';

/** 3 MiB from a file, with a part from memory in the middle: what an ISO is. */
const CONTENT = randomBytes(3 << 20);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let folder = '';
let stop = new AbortController();
let running: Promise<void> = Promise.resolve();
let events: ServeEvent[] = [];

beforeEach(async () => {
  [folder, stop, events] = [await temporaryFolder(), new AbortController(), []];
  await writeFile(join(folder, 'template'), CONTENT);
});
afterEach(async () => {
  stop.abort();
  await running;
});

function shelfOf(find?: Shelf['find']): Shelf {
  const path = join(folder, 'template');
  const [from, to] = [1 << 20, (1 << 20) + 5000];
  const iso = [
    { path, offset: 0, length: from },
    { bytes: CONTENT.subarray(from, to) },
    { path, offset: to, length: CONTENT.length - to },
  ];
  const files: Partial<Record<FileName, Resource>> = {
    'node.iso': resourceOf('node.iso', iso, SHA256),
    vmlinuz: resourceOf(
      'vmlinuz',
      [{ bytes: Buffer.from('kernel') }],
      createHash('sha256').update('kernel').digest('hex'),
    ),
  };
  const nodes = ['a', 'b'].map((name, index) => ({ name, macs: [`52:54:00:00:00:0${index}`] }));
  return { nodes, find: find ?? ((_, file) => Promise.resolve(files[file] ?? null)) };
}

interface Server {
  readonly port: number;
  /** Path of a node's files, with a slash at its end. */
  readonly path: (node: string) => Promise<string>;
}

async function start(options: { limits?: Partial<Limits>; shelf?: Shelf; reusable?: boolean } = {}): Promise<Server> {
  const links = join(folder, 'links.jsonl');
  const shelf = options.shelf ?? shelfOf();
  const base = await new Promise<string>((ready, failed) => {
    running = serve(shelf, {
      ...{
        at: { address: '127.0.0.1', port: 0 },
        host: '127.0.0.1',
        identity: null,
        links,
        ready,
        signal: stop.signal,
      },
      ...{ reusable: options.reusable ?? true, limits: { ...DEFAULT_LIMITS, ...options.limits } },
      report: (event) => events.push(event),
    });
    running.catch(failed);
  });
  const path = async (node: string): Promise<string> => {
    const lines = (await readFile(links, 'utf8')).trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as { node: string; url: string });
    return new URL(all.find((line) => line.node === node)?.url ?? '').pathname;
  };
  return { port: Number(new URL(base).port), path };
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  const request = httpRequest({ host: '127.0.0.1', port, path, headers, method, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

async function raw(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Unlike `once`, not by an error, which comes before it. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.resume().once('close', () => resolve()));

describe('a file', () => {
  it('is whole, with its length, a strong tag and its digest', async () => {
    const { port, path } = await start();
    const { status, headers, body } = await get(port, `${await path('a')}node.iso`);
    expect(status).toBe(200);
    expect(body.equals(CONTENT)).toBe(true);
    expect(headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(CONTENT.length),
      etag: `"${SHA256}"`,
      'repr-digest': `sha-256=:${Buffer.from(SHA256, 'hex').toString('base64')}:`,
    });
  });

  it('can be read in parts, over the borders of its pieces', async () => {
    const { port, path } = await start();
    const iso = `${await path('a')}node.iso`;
    const ranges = [[0, 1], [1048000, 1060000], [1048576, 1053576], [3145727, 3145728]] as const; // prettier-ignore
    for (const [begin, end] of ranges) {
      const { status, headers, body } = await get(port, iso, { Range: `bytes=${begin}-${end - 1}` });
      expect(status).toBe(206);
      expect(headers['content-range']).toBe(`bytes ${begin}-${end - 1}/${CONTENT.length}`);
      expect(headers['repr-digest']).toContain('sha-256=:');
      expect(body.equals(CONTENT.subarray(begin, end))).toBe(true);
    }
    const beyond = await get(port, iso, { Range: `bytes=${CONTENT.length}-` });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${CONTENT.length}`]);
    expect((await get(port, iso, { 'If-None-Match': `"${SHA256}"` })).status).toBe(304);
  });

  it('has headers without a body for HEAD, which does not take the link', async () => {
    const { port, path } = await start();
    const reply = await get(port, `${await path('a')}node.iso`, {}, 'HEAD');
    expect([reply.status, reply.body.length]).toEqual([200, 0]);
    expect(reply.headers['content-length']).toBe(String(CONTENT.length));
    expect(await readFile(join(folder, 'links.jsonl'), 'utf8')).not.toContain('127.0.0.1"');
  });

  it('is found by MAC, too', async () => {
    const { port, path } = await start();
    const [, , token] = (await path('b')).split('/');
    expect((await get(port, `/52-54-00-00-00-01/${token}/vmlinuz`)).body.toString()).toBe('kernel');
    expect((await get(port, `/52%3A54%3A00%3A00%3A00%3A01/${token}/vmlinuz`)).status).toBe(200);
  });

  it('is given once', async () => {
    const { port, path } = await start({ reusable: false });
    const first = await path('a');
    await get(port, `${first}node.iso`);
    await expect.poll(() => path('a')).not.toBe(first);
    expect(events.map(({ type }) => type)).toEqual(['began', 'used']);
    expect((await get(port, `${await path('a')}node.iso`)).status).toBe(200);
  });
});

describe('a client gets nothing but its own', () => {
  it('with a token of another node, a wrong one, or none', async () => {
    const { port, path } = await start();
    const [, , token = ''] = (await path('a')).split('/');
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const paths = [
      ...['/', '/a', '/a/', '/a//node.iso', `/b/${token}/vmlinuz`, `/a/${wrong}/vmlinuz`, `/${token}/vmlinuz`],
      ...[`/a/${token}/`, `/a/${token}/node.iso/`, `/a/${token}/../../etc/passwd`, `/a/${token}/%2e%2e/node.iso`],
      ...[`/a/${token}/%`, `/a/${token}/__proto__`, '//a', '*', `/a/${token}/NODE.ISO`],
    ];
    for (const one of paths) {
      const { status, body } = await get(port, one);
      expect([one, status, body.toString()]).toEqual([one, 404, 'Not found.\n']);
    }
  });

  it('with another method', async () => {
    const { port, path } = await start();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await get(port, `${await path('a')}vmlinuz`, {}, method);
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('and no token and no reason in what is reported', async () => {
    const shelf = shelfOf(() => Promise.reject(new Error('no space left')));
    const { port, path } = await start({ shelf });
    const [, , token = ''] = (await path('a')).split('/');
    const { status, body } = await get(port, `/a/${token}/node.iso`);
    expect([status, body.toString()]).toEqual([500, 'This file cannot be made now.\n']);
    await get(port, `/b/${token}/node.iso`);
    expect(events.map(({ type }) => type)).toEqual(['began', 'failed', 'refused']);
    expect(JSON.stringify(events)).not.toContain(token);
  });
});

describe('a hostile client hurts nobody else', () => {
  it('when it reads nothing, or asks for a thousand files at once', async () => {
    const { port, path } = await start({ limits: { connectionsPerClient: 300 } });
    const iso = `${await path('a')}node.iso`;
    const line = `GET ${iso} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const slow = await Promise.all(Array.from({ length: 100 }, () => raw(port, line)));
    slow.forEach((socket) => socket.pause());
    const greedy = await raw(port, line.repeat(1000));
    await closed(greedy);
    const before = process.memoryUsage().rss;
    expect((await get(port, iso)).body.equals(CONTENT)).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
    slow.forEach((socket) => socket.destroy());
  });

  it('when it goes away in the middle', async () => {
    const { port, path } = await start();
    const iso = `${await path('a')}node.iso`;
    for (let count = 0; count < 20; count++) {
      const socket = await raw(port, `GET ${iso} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await once(socket, 'data');
      socket.destroy();
    }
    expect((await get(port, iso)).body.equals(CONTENT)).toBe(true);
  });

  it('when it sends its headers slowly, too many of them, or no HTTP', async () => {
    const { port, path } = await start({ limits: { headers: 500 } });
    const slow = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\n');
    const large = await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    const wrong = await raw(port, '\x16\x03\x01\x00\x05hello\r\n\r\n');
    await Promise.all([slow, large, wrong].map(closed));
    expect((await get(port, `${await path('a')}vmlinuz`)).status).toBe(200);
  });

  it('when it opens more connections than one client may have', async () => {
    const { port } = await start({ limits: { connectionsPerClient: 3 } });
    const sockets = await Promise.all(Array.from({ length: 3 }, () => raw(port, '')));
    const fourth = await raw(port, '');
    await closed(fourth);
    sockets[0]?.destroy();
    await delay(50);
    expect((await get(port, '/')).status).toBe(404);
    sockets.forEach((socket) => socket.destroy());
  });
});

it('ends when it is told to, also with clients that wait', async () => {
  const { port, path } = await start();
  const socket = await raw(port, `GET ${await path('a')}node.iso HTTP/1.1\r\nHost: x\r\n\r\n`);
  socket.pause();
  stop.abort();
  await running;
  socket.destroy();
});
