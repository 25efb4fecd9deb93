/** Clients of HTTP servers on loopback, and what the servers spend on them. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** Seconds of one measurement of a rate. */
const DURATION = 8;

export interface Rate {
  /** Bytes a second that all clients got. */
  readonly rate: number;
  /** Seconds of processor time of the server for a GiB. */
  readonly cost: number;
  /** Processors that worked, on average, in the measurement. */
  readonly busy: { readonly server: number; readonly clients: number; readonly machine: number };
}

/**
 * `decrypt`: clients on this machine. `discard`: they make a handshake and count the bytes that come, so that this machine's
 * processors are the server's, as with clients on other machines.
 */
export type TlsClients = 'decrypt' | 'discard';

/** @param urls one for each client, which asks for it again and again @param pids processes of the server */
export async function measureRate(
  urls: readonly URL[],
  pids: readonly number[],
  how: TlsClients = 'decrypt',
): Promise<Rate> {
  let bytes = 0;
  const sockets = urls.map((url) => {
    const text = `GET ${url.pathname} HTTP/1.1\r\nHost: bench\r\n\r\n`.repeat(url.pathname === '/' ? 1 : 4);
    return open(url, how, text, (count) => (bytes += count)).on('error', () => undefined);
  });
  await sleep(1500);
  const times = async (): Promise<number[]> => [await processorTime(pids), ownTime(), await machineTime()];
  const [former, before, began] = [bytes, await times(), performance.now()];
  await sleep(DURATION * 1000);
  const [got, after, lasted] = [bytes - former, await times(), (performance.now() - began) / 1000];
  sockets.forEach((socket) => socket.destroy());
  if (got < 2 ** 20) throw new Error(`${urls[0]?.origin ?? ''} gave no file`);
  const [spent = NaN, clients = NaN, machine = NaN] = after.map((time, index) => time - (before[index] ?? NaN));
  const busy = { server: spent / lasted, clients: clients / lasted, machine: machine / lasted };
  return { rate: got / lasted, cost: spent / (got / 2 ** 30), busy };
}

/** All plain sockets read to here; what comes is not looked at. */
const SINK = Buffer.alloc(256 << 10);

function open({ port, protocol }: URL, how: TlsClients, text: string, got: (bytes: number) => void): Socket {
  const at = { host: '127.0.0.1', port: Number(port) };
  if (protocol === 'https:' && how === 'decrypt') {
    const socket = connectTls({ ...at, rejectUnauthorized: false });
    socket.on('data', ({ length }: Buffer) => got(length)).write(text);
    return socket;
  }
  let receive = got;
  const callback = (count: number): boolean => (receive(count), true);
  const socket = connect({ ...at, onread: { buffer: SINK, callback } });
  if (protocol === 'http:') {
    socket.write(text);
    return socket;
  }
  const wire = new Duplex({
    read: () => undefined,
    write: (bytes, _, done) => void socket.write(bytes as Buffer, done),
  });
  receive = (count) => void wire.push(Buffer.from(SINK.subarray(0, count)));
  const secure = connectTls({ socket: wire, rejectUnauthorized: false }).on('error', () => undefined);
  secure.once('data', () => (receive = got)).write(text);
  return socket;
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Linux's `USER_HZ`. */
const TICKS = 100;

const ownTime = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

/** Seconds of all processors: proc_stat(5), without `idle` and `iowait`. */
async function machineTime(): Promise<number> {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (await readFile('/proc/stat', 'utf8'))
    .split('\n', 1)[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS;
}

/** Seconds: `utime` and `stime` of proc_pid_stat(5), and those of programs that the processes have started and waited for. */
export async function processorTime(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  }
  return ticks / TICKS;
}

export async function head(url: string): Promise<void> {
  const options: RequestOptions = { method: 'HEAD', agent: false };
  const asked = url.startsWith('https:') ? requestTls(url, { ...options, rejectUnauthorized: false }) : request(url, options); // prettier-ignore
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url} gives ${String(response.statusCode)}`);
  response.resume();
}
