/**
 * Serves a folder of this machine to the nodes of a lab, read-only, over HTTP on a Unix socket. The gateway starts one relay
 * program for each connection of a guest.
 */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A program that connects standard input and output with the socket in its argument. */
const RELAY =
  'const s=require("net").connect(process.argv[1]);' +
  's.on("error",()=>process.stdin.destroy());' +
  'process.stdin.pipe(s).pipe(process.stdout)';

/** The program that serves one connection. @param socket of `serveArtifacts` */
export const relayCommand = (socket: string): string[] => [process.execPath, '-e', RELAY, socket];

export async function serveArtifacts(folder: string, socket: string): Promise<void> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    const known = request.method === 'GET' || request.method === 'HEAD';
    const sent = known ? send(root, request.url ?? '/', request.method === 'HEAD', response) : refuse(response, 405);
    sent.catch(() => response.destroy());
  });
  server.listen(socket);
  await once(server, 'listening');
  server.unref();
}

async function send(root: string, url: string, headOnly: boolean, response: ServerResponse): Promise<void> {
  const path = await fileOf(root, url).catch(() => null);
  const found = path === null ? null : await stat(path);
  if (path === null || found === null || !found.isFile()) return refuse(response, 404);
  response.writeHead(200, { 'Content-Length': found.size, 'Content-Type': 'application/octet-stream' });
  if (headOnly) response.end();
  else await pipeline(createReadStream(path), response);
}

/** Null for a path that leads out of the folder, through `..` or a symlink. */
async function fileOf(root: string, url: string): Promise<string | null> {
  const path = decodeURIComponent(url.replace(/[?#].*$/, ''));
  if (path.includes('\0')) return null;
  const real = await realpath(join(root, path));
  return real.startsWith(root + sep) ? real : null;
}

function refuse(response: ServerResponse, code: 404 | 405): Promise<void> {
  response.writeHead(code).end();
  return Promise.resolve();
}
