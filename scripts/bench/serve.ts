/**
 * Measures `coldstart serve` on loopback: the start with one and three thousand nodes, its memory, and the rate for many clients at a
 * time against nginx, with and without TLS.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import pMap from 'p-map';
import { writeDefinition } from './definition.ts';
import { head, measureRate, processorTime, type Rate, type TlsClients } from './http-clients.ts';
import { formatSeconds, seconds, type Row } from './measure.ts';
import { childrenOf, freePort, startNginx } from './nginx.ts';
import { PROJECT } from './project.ts';

const NODES = 1000;
const MANY = 3000;
const CLIENTS = 200;
const AIM = 'under 300 MiB';

interface Server {
  /** The processes of the server. */
  readonly pids: readonly number[];
  /** Seconds from the command to the first answer, and of processor time until then. */
  readonly ready: number;
  readonly spent: number;
  /** Of each node's ISO. */
  readonly isos: readonly string[];
  readonly memory: () => Promise<Memory>;
  readonly stop: () => Promise<void>;
}

/** MiB of all processes of the server. */
interface Memory {
  /** Now; each shared page counts once: `Pss` of proc_pid_smaps(5). */
  readonly now: number;
  /** The sum of what each had at most; the program's pages count once for each process: `VmHWM` of proc_pid_status(5). */
  readonly most: number;
}

export async function measureServing(folder: string): Promise<readonly Row[]> {
  const image = join(folder, 'nginx', 'node.iso');
  const rows = await measurePlain(folder, image);
  const secure = await serveNodes(folder, NODES, 'https');
  try {
    await pMap(secure.isos.slice(0, CLIENTS), head, { concurrency: 50 });
    const [near, far] = [await rateOf(secure), await rateOf(secure, 'discard')];
    rows.push(memoryRow(`${NODES} nodes and ${CLIENTS} clients with TLS`, await secure.memory()));
    rows.push(...(await comparison('with TLS', near, image, 'https', 'decrypt')));
    rows.push(...(await comparison('with TLS, not decrypted here', far, image, 'https', 'discard')));
  } finally {
    await secure.stop();
  }
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
      readyRow(NODES, server, 'under 5 s'),
      row('the first request for a node', formatSeconds(first)),
      row(`the digests of all ${NODES} ISOs`, formatSeconds(all)),
      ...(await comparison('without TLS', rate, image, 'http', 'decrypt')),
      row('sockets alone, with the same clients', gib(await bareRate())),
      memoryRow(`${NODES} nodes and ${CLIENTS} clients`, memory),
    ];
  } finally {
    await server.stop();
  }
}

async function measureMany(folder: string): Promise<readonly Row[]> {
  const server = await serveNodes(folder, MANY, 'http');
  try {
    return [readyRow(MANY, server), memoryRow(`${MANY} nodes`, await server.memory())];
  } finally {
    await server.stop();
  }
}

/** Against nginx, which gives the same file to as many clients. */
async function comparison(
  how: string,
  mine: Rate,
  image: string,
  scheme: 'http' | 'https',
  clients: TlsClients,
): Promise<readonly Row[]> {
  const nginx = await startNginx(image, scheme);
  if (nginx === null) process.stderr.write('nginx is not installed, so there is no comparison with it\n');
  const urls = Array.from({ length: CLIENTS }, () => nginx?.url ?? new URL('http://127.0.0.1/'));
  const theirs = nginx && (await measureRate(urls, nginx.pids, clients).finally(nginx.stop));
  const compared = (what: string, text: (rate: Rate) => string, of?: (rate: Rate) => number): Row => ({
    ...row(`${what}, ${how}`, text(mine)),
    against: theirs === null ? '' : `nginx: ${text(theirs)}`,
    ratio: theirs && of ? of(mine) / of(theirs) : null,
  });
  return [
    compared(`${CLIENTS} clients at a time`, ({ rate }) => gib(rate), ({ rate }) => rate), // prettier-ignore
    compared('processor time for a GiB', ({ cost }) => `${cost.toFixed(2)} s`, ({ cost }) => cost), // prettier-ignore
    compared(
      'busy processors',
      ({ busy: { server, clients: asking, machine } }) =>
        `${machine.toFixed(1)} of ${availableParallelism()}: server ${server.toFixed(1)}, clients ${asking.toFixed(1)}`,
    ),
  ];
}

const readyRow = (nodes: number, { ready, spent }: Server, aim = ''): Row =>
  row(`${nodes} nodes, from the command to the first answer`, `${formatSeconds(ready)}, ${formatSeconds(spent)} of processors`, aim); // prettier-ignore

const memoryRow = (what: string, { now, most }: Memory): Row =>
  row(`memory, ${what}`, `${now.toFixed(0)} MiB; sum of peaks ${most.toFixed(0)} MiB`, AIM);

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB/s`;

const row = (what: string, measured: string, aim = ''): Row => ({
  ...{ what: `serve: ${what}`, measured, against: '', ratio: null, aim },
});

const rateOf = ({ isos, pids }: Server, how?: TlsClients): Promise<Rate> =>
  measureRate(isos.slice(0, CLIENTS).map((iso) => new URL(iso)), pids, how); // prettier-ignore

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
  const pids = [server.pid ?? 0, ...(await childrenOf(server.pid ?? 0))];
  const spent = await processorTime(pids);
  return { pids, ready, spent, isos, memory: () => memoryOf(pids), stop: () => stop(server) };
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

async function memoryOf(pids: readonly number[]): Promise<Memory> {
  const read = async (file: string, field: RegExp): Promise<number> => {
    const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/${file}`, 'utf8')));
    return texts.reduce((sum, text) => sum + Number(field.exec(text)?.[1]), 0) / 1024;
  };
  return { now: await read('smaps_rollup', /^Pss:\s+(\d+) kB/m), most: await read('status', /^VmHWM:\s+(\d+) kB/m) };
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
