/**
 * Measures `coldstart serve` on loopback: the start with one and three thousand nodes, its memory, and the rate for many clients at a
 * time against nginx, with and without TLS.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import pMap from 'p-map';
import { writeDefinition } from './definition.ts';
import { head, measureRate, type Rate } from './http-clients.ts';
import { formatSeconds, seconds, type Row } from './measure.ts';
import { freePort, startNginx } from './nginx.ts';
import { PROJECT } from './project.ts';

const NODES = 1000;
const MANY = 3000;
const CLIENTS = 200;
const AIM = 'under 300 MiB';

interface Server {
  readonly pid: number;
  /** Seconds from the command to the first answer. */
  readonly ready: number;
  /** Of each node's ISO. */
  readonly isos: readonly string[];
  /** MiB at most, until now. */
  readonly memory: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export async function measureServing(folder: string): Promise<readonly Row[]> {
  const image = join(folder, 'nginx', 'node.iso');
  const rows = await measurePlain(folder, image);
  const secure = await serveNodes(folder, NODES, 'https');
  const rate = await rateOf(secure).finally(secure.stop);
  rows.push(...(await comparison('with TLS', rate, image, 'https')));
  return [...rows, ...(await measureMany(folder))];
}

async function measurePlain(folder: string, image: string): Promise<Row[]> {
  await (await serveNodes(folder, NODES, 'http')).stop(); // fills the cache
  const server = await serveNodes(folder, NODES, 'http');
  try {
    const first = await seconds(() => head(server.isos[500] ?? ''));
    const all = await seconds(() => pMap(server.isos, head, { concurrency: 50 }));
    const rate = await rateOf(server);
    const memory = await server.memory();
    await download(server.isos[0] ?? '', image);
    return [
      row(`${NODES} nodes, from the command to the first answer`, formatSeconds(server.ready), 'under 5 s'),
      row('the first request for a node', formatSeconds(first)),
      row(`the digests of all ${NODES} ISOs`, formatSeconds(all)),
      ...(await comparison('without TLS', rate, image, 'http')),
      row('sockets alone, with the same clients', gib(await bareRate())),
      row(`most memory of the server, ${NODES} nodes and ${CLIENTS} clients`, `${memory.toFixed(0)} MiB`, AIM),
    ];
  } finally {
    await server.stop();
  }
}

async function measureMany(folder: string): Promise<readonly Row[]> {
  const server = await serveNodes(folder, MANY, 'http');
  try {
    const memory = await server.memory();
    return [
      row(`${MANY} nodes, from the command to the first answer`, formatSeconds(server.ready)),
      row(`most memory of the server, ${MANY} nodes`, `${memory.toFixed(0)} MiB`, AIM),
    ];
  } finally {
    await server.stop();
  }
}

/** Against nginx, which gives the same file to as many clients. */
async function comparison(how: string, mine: Rate, image: string, scheme: 'http' | 'https'): Promise<readonly Row[]> {
  const nginx = await startNginx(image, scheme);
  if (nginx === null) process.stderr.write('nginx is not installed, so there is no comparison with it\n');
  const theirs = nginx && (await measureRate(Array.from({ length: CLIENTS }, () => nginx.url), nginx.pids).finally(nginx.stop)); // prettier-ignore
  const cost = ({ cost }: Rate): string => `${cost.toFixed(2)} s`;
  const against = (text: (rate: Rate) => string) => (theirs === null ? '' : `nginx: ${text(theirs)}`);
  return [
    {
      ...row(`${CLIENTS} clients at a time, ${how}`, gib(mine.rate)),
      ...{ against: against(({ rate }) => gib(rate)), ratio: theirs && mine.rate / theirs.rate },
    },
    {
      ...row(`processor time for a GiB, ${how}`, cost(mine)),
      ...{ against: against(cost), ratio: theirs && mine.cost / theirs.cost },
    },
  ];
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB/s`;

const row = (what: string, measured: string, aim = ''): Row => ({
  ...{ what: `serve: ${what}`, measured, against: '', ratio: null, aim },
});

const rateOf = ({ isos, pid }: Server): Promise<Rate> =>
  measureRate(isos.slice(0, CLIENTS).map((iso) => new URL(iso)), [pid]); // prettier-ignore

async function serveNodes(folder: string, count: number, scheme: 'http' | 'https'): Promise<Server> {
  const definition = join(folder, `definition-served-${count}`);
  const program = join(PROJECT, 'bin/coldstart');
  if (!(await readFile(join(definition, 'cluster.yaml')).catch(() => null))) {
    await writeDefinition(definition, count);
    await execa(program, ['secrets', 'issue', definition, '--log', 'silent']);
  }
  const links = join(folder, `links-${count}-${scheme}.jsonl`);
  const args = ['serve', definition, '--listen', '127.0.0.1:0', '--json', '--log', 'silent', '--reusable-links'];
  const options = ['--links', links, '--connections-per-client', String(CLIENTS + 10)];
  const began = performance.now();
  const server = await start(program, [...args, ...options, ...(scheme === 'http' ? ['--plain-http'] : [])]);
  const ready = (performance.now() - began) / 1000;
  const isos = (await readFile(links, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => `${(JSON.parse(line) as { url: string }).url}node.iso`);
  return { pid: server.pid ?? 0, ready, isos, memory: () => peakMemory(server), stop: () => stop(server) };
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

async function download(url: string, path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  await pipeline(response, createWriteStream(path));
}

/** The same clients, and a server in a process of its own that only writes. */
async function bareRate(): Promise<number> {
  const port = await freePort();
  const script = `const b=Buffer.alloc(131072);require('net').createServer(s=>{s.on('error',()=>0);
    const w=()=>s.destroyed||s.write(b,w);s.once('data',w)}).listen(${port},'127.0.0.1',()=>console.log('ready'))`;
  const server = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  try {
    const url = new URL(`http://127.0.0.1:${port}/`);
    return (await measureRate(Array.from({ length: CLIENTS }, () => url), [server.pid ?? 0])).rate; // prettier-ignore
  } finally {
    await stop(server);
  }
}
