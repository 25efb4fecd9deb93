/** Clients of HTTP servers on loopback, and what the servers spend on them. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Seconds of one measurement of a rate. */
const DURATION = 8;

export interface Rate {
  /** Bytes a second that all clients got. */
  readonly rate: number;
  /** Seconds of processor time of the server for a GiB. */
  readonly cost: number;
}

/** @param urls one for each client, which asks for it again and again @param pids processes of the server */
export async function measureRate(urls: readonly URL[], pids: readonly number[]): Promise<Rate> {
  let bytes = 0;
  const sockets = urls.map((url) => {
    const socket = open(url, (count) => (bytes += count));
    socket.on('error', () => undefined);
    socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: bench\r\n\r\n`.repeat(url.pathname === '/' ? 1 : 4));
    return socket;
  });
  await sleep(1500);
  const [former, before] = [bytes, await processorTime(pids)];
  await sleep(DURATION * 1000);
  const [got, spent] = [bytes - former, (await processorTime(pids)) - before];
  sockets.forEach((socket) => socket.destroy());
  if (got < 2 ** 20) throw new Error(`${urls[0]?.origin ?? ''} gave no file`);
  return { rate: got / DURATION, cost: spent / (got / 2 ** 30) };
}

function open({ port, protocol }: URL, got: (bytes: number) => void): Socket {
  const at = { host: '127.0.0.1', port: Number(port) };
  if (protocol === 'https:') {
    return connectTls({ ...at, rejectUnauthorized: false }).on('data', ({ length }: Buffer) => {
      got(length);
    });
  }
  return connect({ ...at, onread: { buffer: Buffer.alloc(256 << 10), callback: (count) => (got(count), true) } });
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Linux's `USER_HZ`. */
const TICKS = 100;

/** Seconds: `utime` and `stime` of proc_pid_stat(5). */
async function processorTime(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS;
}

export async function head(url: string): Promise<void> {
  const asked = request(url, { method: 'HEAD', agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url} gives ${String(response.statusCode)}`);
  response.resume();
}
