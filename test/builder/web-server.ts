/** A web server on loopback that answers from a table, also range requests; ends with the test. */
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Answer = string | Buffer;

export interface WebServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** The targets that were asked for, in order, with the range; a proxy is asked for whole URLs. */
  readonly asked: string[];
  /** By target; may be changed at any time. */
  readonly answers: Map<string, Answer>;
  /** Bytes after which the next answer is cut off. */
  cutAfter: number | null;
}

/** @param tls key and certificate (PEM) for https */
export async function webServer(
  answers: Readonly<Record<string, Answer>>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<WebServer> {
  const made = { asked: [] as string[], answers: new Map(Object.entries(answers)), cutAfter: null as number | null };
  const listener: RequestListener = (request, response) => {
    const { url: target = '', headers } = request;
    made.asked.push(headers.range === undefined ? target : `${target} ${headers.range}`);
    const found = made.answers.get(target);
    if (found === undefined) return void response.writeHead(404).end();
    const content = Buffer.from(found);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (from > 0 && from >= content.length) return void response.writeHead(416).end();
    const range = from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from, ...range });
    if (made.cutAfter === null) return void response.end(content.subarray(from));
    response.write(content.subarray(from, from + made.cutAfter), () => request.socket.destroy());
    made.cutAfter = null;
  };
  const server = tls === undefined ? createHttp(listener) : createHttps(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(made, { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}` });
}
