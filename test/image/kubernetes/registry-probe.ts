/**
 * registry-probe.ts ROOT TREE SCRATCH CERTIFICATES IMAGE...: makes the containerd of ROOT, configured by TREE, pull images
 * from empty registries on loopback addresses, and prints its requests. Runs in namespaces of its own, as enter.sh does.
 *
 * CERTIFICATES is a folder with `server.crt` and `server.key`, for the names on port 443.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const [root = '', tree = '', scratch = '', certificates = '', ...images] = process.argv.slice(2);

/** `HOST PATH CREDENTIALS`, each once. */
const asked = new Set<string>();

/** Wants a name and a password, and then has no such image. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { host, authorization = '' } = request.headers;
  const credentials = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
  asked.add([host, request.url?.replace(/\?.*/, ''), credentials].join(' ').trim());
  if (credentials === '') response.setHeader('WWW-Authenticate', 'Basic realm="test"');
  response.statusCode = credentials === '' ? 401 : 404;
  response.end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
}

/** A field of protobuf that holds bytes; none here is longer than 127. */
const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);

/** PullImageRequest{image: ImageSpec{image}} of the CRI, as one message of gRPC; how it ends does not matter. */
async function pull(socket: string, image: string): Promise<void> {
  const client = connectHttp2('http://localhost', { createConnection: () => connect(socket) });
  const path = '/runtime.v1.ImageService/PullImage';
  const stream = client.request({
    ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
  });
  const message = field(1, field(1, Buffer.from(image)));
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
  stream.resume();
  await once(stream, 'close');
  client.close();
}

spawnSync('ip', ['link', 'set', 'lo', 'up']);
const [cert, key] = ['server.crt', 'server.key'].map((name) => readFileSync(join(certificates, name)));
createTlsServer({ cert, key }, answer).listen(443, '127.0.0.1');
for (const address of ['127.0.0.1', '::1']) createServer(answer).listen(5000, address);

const enter = join(import.meta.dirname, '../containers/enter.sh');
const program = ['/usr/bin/env', 'SSL_CERT_FILE=/etc/test-ca.crt', 'containerd'];
const containerd = spawn(enter, [root, tree, scratch, ...program], { stdio: ['ignore', 'ignore', 'pipe'] });
let words = '';
containerd.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
const socket = join(scratch, 'root/run/containerd/containerd.sock');
for (let tries = 0; !existsSync(socket) && tries < 240; tries++) await delay(250);
if (!existsSync(socket)) throw new Error(words);
for (const image of images) await pull(socket, image);
process.stdout.write(JSON.stringify([...asked]));
process.stderr.write(words);
process.exit(0);
