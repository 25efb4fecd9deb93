/** A server on loopback for a test, with two nodes, and clients for it: well-behaved ones, and raw sockets. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stampOf } from '../../src/builder/images/composed-file.ts';
import type { ServeEvent } from '../../src/serve/answer.ts';
import { DEFAULT_LIMITS, type Identity, type Limits } from '../../src/serve/http/settings.ts';
import { resourceOf } from '../../src/serve/parts.ts';
import type { FileName, Resource, Shelf } from '../../src/serve/resource.ts';
import { serve } from '../../src/serve/run.ts';
import { temporaryFolder } from '../builder/temporary.ts';

/** 3 MiB from a file, with a part from memory in the middle: what an ISO is. */
export const CONTENT = randomBytes(3 << 20);
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
export const SHA256 = sha256(CONTENT);

export const TSX = import.meta.resolve('tsx');

export interface RunningServer {
  readonly port: number;
  /** Path of a node's files, with a slash at its end. */
  readonly path: (node: string) => Promise<string>;
  readonly events: readonly ServeEvent[];
  /** The text of the file of links. */
  readonly links: () => Promise<string>;
  /** Path of the file that most of `node.iso` is read from. */
  readonly template: string;
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly limits?: Partial<Limits>;
  readonly find?: Shelf['find'];
  readonly reusable?: boolean;
  readonly identity?: Identity;
  /** By default, this process speaks with the clients. */
  readonly processes?: number;
}

/** Links are reusable if not told otherwise. Ends with the test. */
export async function start(options: Options = {}): Promise<RunningServer> {
  const folder = await temporaryFolder();
  const [links, template] = [join(folder, 'links.jsonl'), join(folder, 'template')];
  await writeFile(template, CONTENT);
  const nodes = ['a', 'b'].map((name, index) => ({ name, macs: [`52:54:00:00:00:0${index}`] }));
  const shelf = { nodes, find: options.find ?? (await finderOf(template)) };
  const { processes = 0 } = options;
  if (processes > 0) process.execArgv = ['--import', TSX]; // they are TypeScript, too
  const [ending, events]: [AbortController, ServeEvent[]] = [new AbortController(), []];
  let running: Promise<void> = Promise.resolve();
  const base = await new Promise<string>((ready, failed) => {
    running = serve(shelf, {
      ...{ at: { address: '127.0.0.1', port: 0 }, host: '127.0.0.1', identity: options.identity ?? null, links, ready },
      ...{ reusable: options.reusable ?? true, limits: { ...DEFAULT_LIMITS, ...options.limits } },
      processes,
      ...{ signal: ending.signal, report: (event) => events.push(event) },
    });
    running.catch(failed);
  });
  const stop = (): Promise<void> => {
    ending.abort();
    return running;
  };
  onTestFinished(stop);
  const path = async (node: string): Promise<string> => {
    const all = (await readFile(links, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { node: string; url: string }); // prettier-ignore
    return new URL(all.find((line) => line.node === node)?.url ?? '').pathname;
  };
  return { port: Number(new URL(base).port), path, events, links: () => readFile(links, 'utf8'), template, stop };
}

async function finderOf(path: string): Promise<Shelf['find']> {
  const stamp = stampOf(await stat(path, { bigint: true }));
  const [from, to] = [1 << 20, (1 << 20) + 5000];
  const iso = [
    { path, offset: 0, length: from, stamp },
    { bytes: CONTENT.subarray(from, to) },
    { path, offset: to, length: CONTENT.length - to, stamp },
  ];
  const kernel = Buffer.from('kernel');
  const files: Partial<Record<FileName, Resource>> = {
    'node.iso': resourceOf('node.iso', iso, SHA256),
    vmlinuz: resourceOf('vmlinuz', [{ bytes: kernel }], sha256(kernel)),
  };
  return (_, file) => Promise.resolve(files[file] ?? null);
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export async function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Reply> {
  const request = httpRequest({ host: '127.0.0.1', port, path, headers, method, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** A socket that has sent a text. @param from address on loopback */
export async function raw(port: number, text: string, from = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** What the server has said when it has closed the connection. */
export function closed(socket: Socket): Promise<string> {
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  return new Promise((resolve) => socket.once('close', () => resolve(said)));
}

export const getLine = (path: string, ...headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

/** Reads until `bytes` have come, and stops then. */
export async function readSome(socket: Socket, bytes: number): Promise<void> {
  for (let got = 0; got < bytes;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    got += chunk.length;
  }
  socket.pause();
}
