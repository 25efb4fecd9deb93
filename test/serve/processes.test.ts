/** Processes that speak with the clients, of which one may crash: links, limits and other downloads stay as they were. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resourceOf } from '../../src/serve/parts.ts';
import { largeFile, SIZE } from './large-file.ts';
import {
  closed,
  CONTENT,
  get,
  getLine,
  raw,
  readSome,
  SHA256,
  start,
  TSX,
  type RunningServer,
} from './running-server.ts';

/** The processes of a server: `children` of proc_tid_children(5). */
async function frontsOf(pid = process.pid): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
  const commands = await Promise.all(
    children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.filter((_, index) => commands[index]?.includes('front-main'));
}

/** Linux's TCP_LISTEN, as proc_net_tcp shows it: proc_pid_net(5). */
const LISTENS = '0A';

/** How many sockets a process has open to clients. */
async function connectionsOf(pid: number, port: number): Promise<number> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const inodes = new Set(
    lines.filter(([, at = '', , state]) => `${at} `.endsWith(local) && state !== LISTENS).map((fields) => fields[9]),
  );
  const folder = `/proc/${pid}/fd`;
  const open = await Promise.all((await readdir(folder)).map((fd) => stat(join(folder, fd)).catch(() => null)));
  return open.filter((file) => file?.isSocket() && inodes.has(String(file.ino))).length;
}

/** With two processes, and so many connections to each of them. */
async function startTwo(count: number, options: Parameters<typeof start>[0] = {}, text = '') {
  const server = await start({ processes: 2, ...options });
  const line = text === '' ? '' : getLine(`${await server.path('a')}${text}`);
  const clients: Socket[] = [];
  for (let index = 0; index < 2 * count; index++) clients.push(await raw(server.port, line));
  const fronts = await frontsOf();
  await expect.poll(() => Promise.all(fronts.map((pid) => connectionsOf(pid, server.port)))).toEqual([count, count]);
  return { server, clients, fronts };
}

const ended = (clients: readonly Socket[]): number => clients.filter(({ destroyed }) => destroyed).length;

const typesOf = ({ events }: RunningServer): string[] => events.map(({ type }) => type);

it('give whole files, also from memory, and places of them', async () => {
  const bytes = [CONTENT.subarray(0, 1 << 20), CONTENT.subarray(1 << 20)];
  const file = resourceOf('node.iso', bytes.map((part) => ({ bytes: part })), SHA256); // prettier-ignore
  for (const find of [undefined, () => Promise.resolve(file)]) {
    const { port, path, stop } = await start({ processes: 2, ...(find && { find }) });
    const iso = `${await path('a')}node.iso`;
    const replies = await Promise.all([1, 2, 3, 4].map(() => get(port, iso)));
    expect(replies.map(({ body }) => body.equals(CONTENT))).toEqual([true, true, true, true]);
    const part = await get(port, iso, { Range: 'bytes=1000000-1099999' });
    expect([part.status, part.body.equals(CONTENT.subarray(1_000_000, 1_100_000))]).toEqual([206, true]);
    expect((await get(port, '/a/x/node.iso')).status).toBe(404);
    await stop();
  }
});

describe('when one of them crashes', () => {
  it('its downloads break off, others go on, and what was downloaded is known', async () => {
    const { find } = await largeFile();
    const { server, clients, fronts } = await startTwo(2, { find, reusable: false }, 'node.iso');
    const before = await server.links();
    await Promise.all(clients.map((client) => readSome(client, 1 << 20)));
    process.kill(fronts[0]!, 'SIGKILL');
    clients.forEach((client) => client.resume());
    let got = 0;
    clients.forEach((client) => client.on('data', ({ length }: Buffer) => (got += length)));
    await expect.poll(() => ended(clients)).toBe(2);
    await expect.poll(() => typesOf(server)).toContain('used');
    await expect.poll(() => got).toBeGreaterThan(2 * SIZE - (8 << 20));
    expect(ended(clients)).toBe(2);
    expect(server.events).toContainEqual({ type: 'restarted', message: 'SIGKILL' });
    expect(await server.links()).not.toBe(before);
    await expect.poll(async () => (await frontsOf()).length).toBe(2);
    expect((await get(server.port, `${await server.path('b')}node.iso`, { Range: 'bytes=0-9' })).status).toBe(206);
  });

  it('its connections no longer count', async () => {
    const { server, clients, fronts } = await startTwo(2, { limits: { connectionsPerClient: 4 } });
    await closed(await raw(server.port, '')); // the fifth
    fronts.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await expect.poll(() => ended(clients.map((client) => client.resume()))).toBe(4);
    await expect.poll(() => get(server.port, '/').catch(() => null)).toMatchObject({ status: 404 });
    // The connection of that request may still count.
    let again: Socket[] = [];
    const refused = async (): Promise<number> => {
      again.forEach((client) => client.destroy());
      again = await Promise.all([1, 2, 3, 4].map(() => raw(server.port, '')));
      await delay(200);
      return ended(again.map((client) => client.resume()));
    };
    await expect.poll(refused).toBe(0);
    await closed(await raw(server.port, ''));
    expect(ended(again)).toBe(0);
  });

  it('connections that it has not taken yet are closed', async () => {
    const { server, fronts } = await startTwo(1);
    fronts.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    const clients = await Promise.all(Array.from({ length: 6 }, () => raw(server.port, getLine('/'))));
    fronts.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await Promise.all(clients.map(closed));
    await expect.poll(() => get(server.port, '/').catch(() => null)).toMatchObject({ status: 404 });
    await expect.poll(() => connectionsOf(process.pid, server.port)).toBe(0);
  });
});

it('count the connections of a client together', async () => {
  const { server, clients } = await startTwo(1, { limits: { connectionsPerClient: 3 } });
  const third = await raw(server.port, '');
  await closed(await raw(server.port, ''));
  clients[0]?.destroy();
  await expect.poll(() => get(server.port, '/').catch(() => null)).toMatchObject({ status: 404 });
  expect(third.destroyed).toBe(false);
});

it('make room for each other: the connection that waits longest is closed', async () => {
  const { server, clients } = await startTwo(2, { limits: { connections: 4, connectionsPerClient: 10 } });
  const all = clients.map((client) => client.resume());
  await raw(server.port, '');
  await expect.poll(() => all.map(({ destroyed }) => destroyed)).toEqual([true, false, false, false]);
  await raw(server.port, '');
  await expect.poll(() => all.map(({ destroyed }) => destroyed)).toEqual([true, true, false, false]);
});

it('use a link up once, whichever of them a client reaches', async () => {
  const server = await start({ processes: 2, reusable: false });
  const { port, path } = server;
  const first = `${await path('a')}node.iso`;
  const replies = await Promise.all([1, 2, 3, 4].map(() => get(port, first)));
  expect(replies.map(({ body }) => body.equals(CONTENT))).toEqual([true, true, true, true]);
  await expect.poll(() => path('a')).not.toBe(first.slice(0, -8));
  expect(typesOf(server).filter((type) => type === 'used')).toEqual(['used']);
  const line = getLine(first, 'Connection: close');
  for (let count = 0; count < 4; count++) {
    expect(await closed(await raw(port, line, '127.0.0.2'))).toContain('HTTP/1.1 410');
  }
  const second = getLine(`${await path('a')}node.iso`, 'Range: bytes=0-0', 'Connection: close');
  expect(await closed(await raw(port, second, '127.0.0.2'))).toContain('HTTP/1.1 206');
  for (let count = 0; count < 4; count++) {
    expect(await closed(await raw(port, second, '127.0.0.3'))).toContain('HTTP/1.1 403');
  }
});

describe('end', () => {
  it('with the server, also during downloads, and not by a signal to all processes of a service', async () => {
    const { find } = await largeFile();
    const { server, clients, fronts } = await startTwo(1, { find }, 'node.iso');
    await Promise.all(clients.map((client) => readSome(client, 1))); // both processes run
    fronts.forEach((pid) => process.kill(pid, 'SIGTERM'));
    expect((await get(server.port, '/')).status).toBe(404);
    const ends = Promise.all(clients.map((client) => closed(client.resume())));
    await server.stop();
    await ends;
    expect(await frontsOf()).toEqual([]);
    expect(typesOf(server)).not.toContain('restarted');
  });

  it('when the server is killed', async () => {
    const script = join(import.meta.dirname, 'lone-server.ts');
    const server = spawn(process.execPath, ['--import', TSX, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void server.kill('SIGKILL'));
    await once(server.stdout, 'data');
    const fronts = await frontsOf(server.pid);
    expect(fronts.length).toBe(2);
    server.kill('SIGKILL');
    const running = (): Promise<number> =>
      Promise.all(fronts.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))).then(
        (commands) => commands.filter((command) => command !== '').length,
      );
    await expect.poll(running).toBe(0);
  });
});
