/** Measures `coldstart serve` on loopback: the start with a thousand nodes, its memory, and the rate for many clients at a time. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import pMap from 'p-map';
import { writeDefinition } from './definition.ts';
import { formatSeconds, seconds, type Row } from './measure.ts';
import { PROJECT } from './project.ts';

const NODES = 1000;
const CLIENTS = 200;
/** Seconds of one measurement of a rate. */
const DURATION = 8;

export async function measureServing(folder: string): Promise<readonly Row[]> {
  const definition = await writeDefinition(join(folder, 'definition-served'), NODES);
  const program = join(PROJECT, 'bin/coldstart');
  await execa(program, ['secrets', 'issue', definition, '--log', 'silent']);
  const links = join(folder, 'links.jsonl');
  const args = ['serve', definition, '--listen', '127.0.0.1:0', '--plain-http', '--json', '--log', 'silent'];
  const options = ['--reusable-links', '--links', links, '--connections-per-client', String(CLIENTS + 10)];
  await stop(await start(program, [...args, ...options])); // fills the cache
  const began = performance.now();
  const server = await start(program, [...args, ...options]);
  const ready = (performance.now() - began) / 1000;
  try {
    const urls = (await readFile(links, 'utf8')).trim().split('\n');
    const isos = urls.map((line) => `${(JSON.parse(line) as { url: string }).url}node.iso`);
    const first = await seconds(() => head(isos[500] ?? ''));
    const all = await seconds(() => pMap(isos, head, { concurrency: 50 }));
    const rate = await rateOf(isos.slice(0, CLIENTS).map((iso) => new URL(iso)));
    const memory = await peakMemory(server);
    const bare = await bareRate();
    const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB/s`;
    const row = { against: '', ratio: null };
    return [
      { ...row, what: `serve: ${NODES} nodes, from the command to the first answer`, measured: formatSeconds(ready), aim: 'under 5 s' },
      { ...row, what: 'serve: the first request for a node', measured: formatSeconds(first), aim: '' },
      { ...row, what: `serve: the digests of all ${NODES} ISOs`, measured: formatSeconds(all), aim: '' },
      {
        what: `serve: ${CLIENTS} clients at a time`,
        ...{ measured: gib(rate), against: `sockets alone: ${gib(bare)}`, ratio: rate / bare, aim: '' },
      },
      { ...row, what: 'serve: most memory of the server', measured: `${memory.toFixed(0)} MiB`, aim: 'under 300 MiB' },
    ]; // prettier-ignore
  } finally {
    await stop(server);
  }
}

async function start(program: string, args: readonly string[]): Promise<ChildProcess> {
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('the server has no output');
  for await (const line of createInterface({ input: server.stdout })) {
    if ((JSON.parse(line) as { type: string }).type === 'serving') break;
  }
  server.stdout.resume();
  return server;
}

async function stop(server: ChildProcess): Promise<void> {
  server.kill();
  await once(server, 'exit');
}

/** MiB: `VmHWM` of proc_pid_status(5). */
async function peakMemory({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

async function head(url: string): Promise<void> {
  const asked = request(url, { method: 'HEAD', agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url} gives ${String(response.statusCode)}`);
  response.resume();
}

/** Bytes a second that clients get, each of them one file again and again. */
async function rateOf(urls: readonly URL[]): Promise<number> {
  let bytes = 0;
  const sockets: Socket[] = [];
  for (const { port, pathname } of urls) {
    const socket = connect({
      ...{ host: '127.0.0.1', port: Number(port) },
      onread: { buffer: Buffer.alloc(256 << 10), callback: (count) => ((bytes += count), true) },
    });
    socket.on('error', () => undefined);
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: bench\r\n\r\n`.repeat(pathname === '/' ? 1 : 4));
    sockets.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  bytes = 0;
  await new Promise((resolve) => setTimeout(resolve, DURATION * 1000));
  sockets.forEach((socket) => socket.destroy());
  return bytes / DURATION;
}

/** The same clients, and a server in a process of its own that only writes. */
async function bareRate(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  const script = `const b=Buffer.alloc(131072);require('net').createServer(s=>{s.on('error',()=>0);
    const w=()=>s.destroyed||s.write(b,w);s.once('data',w)}).listen(${port},'127.0.0.1',()=>console.log('ready'))`;
  const server = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  try {
    return await rateOf(Array.from({ length: CLIENTS }, () => new URL(`http://127.0.0.1:${port}/`)));
  } finally {
    await stop(server);
  }
}
