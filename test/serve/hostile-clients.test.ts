/** Clients that are slow, many, or gone: they cost little, and others are served. */
import { once } from 'node:events';
import { readdir, readlink, rename, truncate, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Buffers } from '../../src/serve/http/buffers.ts';
import { largeFile, SIZE } from './large-file.ts';
import { closed, CONTENT, get, getLine, raw, readSome, start } from './running-server.ts';

/** The file is opened so many times in this process. */
async function descriptorsOf(path: string): Promise<number> {
  const open = await readdir('/proc/self/fd');
  const targets = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(path)).length;
}

const impatient = { patience: { rate: 1 << 30, least: 400 } };

describe('a slow client', () => {
  it('that reads nothing is cut off', async () => {
    const { find } = await largeFile();
    const { port, path } = await start({ find, limits: impatient });
    const socket = await raw(port, getLine(`${await path('a')}node.iso`));
    socket.pause();
    await delay(1500);
    expect((await closed(socket.resume())).length).toBeLessThan(SIZE);
  });

  it('that reads a little again and again is cut off, too', async () => {
    const { find, path: file } = await largeFile();
    const { port, path } = await start({ find, limits: impatient });
    const socket = await raw(port, getLine(`${await path('a')}node.iso`));
    socket.pause();
    const trickle = setInterval(() => void socket.read(1), 20);
    await expect.poll(() => descriptorsOf(file), { timeout: 5000 }).toBe(1);
    await expect.poll(() => descriptorsOf(file), { timeout: 20_000 }).toBe(0);
    clearInterval(trickle);
  });

  it('costs one small buffer; a hundred that were fast and stop, too, and others are served meanwhile', async () => {
    const { find } = await largeFile();
    const { port, path } = await start({ find, limits: { connectionsPerClient: 300 } });
    const iso = `${await path('a')}node.iso`;
    const slow = await Promise.all(Array.from({ length: 100 }, () => raw(port, getLine(iso))));
    await Promise.all(slow.map((socket) => readSome(socket, 1 << 20)));
    const before = process.memoryUsage().rss;
    expect((await get(port, iso, { Range: 'bytes=0-9999999' })).body.length).toBe(10_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });

  it.each([
    [false, 64 << 10, 512 << 10, 113 << 20],
    [true, 16 << 10, 128 << 10, 40 << 20], // and as much in OpenSSL
  ])('does not get the large buffers of which there are few (TLS: %s)', (isTls, small, large, most) => {
    const buffers = new Buffers(isTls, 1);
    const taken = Array.from({ length: 1024 }, () => buffers.take(true));
    expect(taken.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(most);
    expect(buffers.take(false).length).toBe(small);
    buffers.giveUp(taken[0]!);
    expect(buffers.take(true).length).toBe(large);
    buffers.giveBack(taken[1]!);
    expect(buffers.take(true)).toBe(taken[1]);
  });

  it('that sends its headers slowly, or nothing at all, is cut off', async () => {
    const { port, path } = await start({ limits: { headers: 500 } });
    const slow = [await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\n'), await raw(port, ''), await raw(port, getLine('/'))];
    slow[2]?.write('GET / HTTP/1.1\r\n');
    const trickle = setInterval(() => slow[0]?.write('X: x\r\n'), 100);
    await Promise.all(slow.map(closed));
    clearInterval(trickle);
    expect((await get(port, `${await path('a')}vmlinuz`)).status).toBe(200);
  });
});

describe('many connections', () => {
  it('of one client are limited; a further one is closed at once', async () => {
    const { port } = await start({ limits: { connectionsPerClient: 3 } });
    const sockets = await Promise.all([1, 2, 3].map(() => raw(port, '')));
    await closed(await raw(port, ''));
    sockets[0]?.destroy();
    await expect.poll(() => get(port, '/').catch(() => null)).toMatchObject({ status: 404 });
  });

  it('of many clients do not keep others out: the one that waits longest makes room, no download does', async () => {
    const { find } = await largeFile();
    const { port, path } = await start({ find, limits: { connections: 40, connectionsPerClient: 8 } });
    const iso = `${await path('a')}node.iso`;
    const reader = await raw(port, getLine(iso));
    await readSome(reader, 1);
    const ended: number[] = [];
    for (let index = 0; index < 200; index++) {
      const socket = await raw(port, '', `127.0.0.${String(10 + (index % 50))}`);
      socket.resume().once('close', () => ended.push(index));
    }
    expect((await get(port, '/')).status).toBe(404);
    expect(ended.length).toBeGreaterThanOrEqual(160);
    expect(Math.max(...ended)).toBeLessThan(170);
    reader.resume();
    await readSome(reader, 20 << 20);
    expect(reader.destroyed).toBe(false);
  });

  it('that all download leave no room, until one ends', async () => {
    const { find } = await largeFile();
    const { port, path } = await start({ find, limits: { connections: 4 } });
    const iso = `${await path('a')}node.iso`;
    const readers = await Promise.all([1, 2, 3, 4].map(() => raw(port, getLine(iso))));
    await Promise.all(readers.map((reader) => readSome(reader, 1)));
    await expect(get(port, '/')).rejects.toThrow();
    readers[0]?.destroy();
    await expect.poll(() => get(port, '/').catch(() => null)).toMatchObject({ status: 404 });
  });
});

it('downloads that are given up leave no open file', async () => {
  const { find, path: file } = await largeFile();
  const { port, path } = await start({ find, limits: { connectionsPerClient: 100 } });
  const iso = `${await path('a')}node.iso`;
  for (let round = 0; round < 3; round++) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => raw(port, getLine(iso))));
    await Promise.all(sockets.map((socket) => readSome(socket, 100_000)));
    sockets.forEach((socket, index) => (index % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()));
  }
  await expect.poll(() => descriptorsOf(file)).toBe(0);
});

describe('a file that changes during a download', () => {
  const read = async (change: (path: string) => Promise<void>): Promise<{ bytes: number; failed: string[] }> => {
    const { find, path: file } = await largeFile();
    const { port, path, events } = await start({ find });
    const socket = await raw(port, getLine(`${await path('a')}node.iso`, 'Connection: close'));
    await readSome(socket, 1 << 20);
    await change(file);
    let bytes = 1 << 20;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await once(socket, 'close');
    return { bytes, failed: events.flatMap((event) => (event.type === 'failed' ? [event.message] : [])) };
  };
  const replaced = async (path: string): Promise<void> => {
    await writeFile(`${path}.new`, '');
    await truncate(`${path}.new`, SIZE);
    await rename(`${path}.new`, path);
  };

  it.each([
    ['replaced', replaced, 'was replaced or changed'],
    ['written to', (path: string) => writeFile(path, 'x', { flag: 'r+' }), 'was replaced or changed'],
    ['cut', (path: string) => truncate(path, 5 << 20), 'ends before byte'],
    ['removed', (path: string) => rename(path, `${path}.gone`), 'no such file'],
  ])('because it is %s never arrives whole', async (_, change, message) => {
    const { bytes, failed } = await read(change);
    expect(bytes).toBeLessThan(SIZE);
    expect(failed).toEqual([expect.stringContaining(message)]);
  });
});

describe('a link at the same time', () => {
  it('is for the first of two addresses', async () => {
    const { port, path } = await start({ reusable: false });
    const line = getLine(`${await path('a')}node.iso`, 'Connection: close');
    const replies = await Promise.all(
      ['127.0.0.1', '127.0.0.2'].map(async (from) => (await closed(await raw(port, line, from))).slice(9, 12)),
    );
    expect(replies.sort()).toEqual(['200', '403']);
  });

  it('in two downloads of one client is used up once, and the next link works', async () => {
    const { port, path, events } = await start({ reusable: false });
    const iso = `${await path('a')}node.iso`;
    const both = await Promise.all([get(port, iso), get(port, iso)]);
    expect(both.map(({ body }) => body.equals(CONTENT))).toEqual([true, true]);
    await expect.poll(() => path('a')).not.toBe(`${iso.slice(0, -8)}`);
    expect(events.filter(({ type }) => type === 'used').length).toBe(1);
    expect((await get(port, `${await path('a')}node.iso`)).status).toBe(200);
  });
});

it('a download that breaks off and is continued uses the link up', async () => {
  const { find } = await largeFile();
  const { port, path, events } = await start({ find, reusable: false });
  const first = `${await path('a')}node.iso`;
  const reader = await raw(port, getLine(first));
  await readSome(reader, 1 << 20);
  reader.destroy();
  const used = (): number => events.filter(({ type }) => type === 'used').length;
  expect((await get(port, first, { Range: `bytes=${String(90 << 20)}-` })).status).toBe(206); // has not come so far
  expect(used()).toBe(0);
  expect((await get(port, first, { Range: `bytes=${String(1 << 19)}-` })).status).toBe(206);
  await expect.poll(used).toBe(1);
});

it('the end does not wait for clients', async () => {
  const { find, path: file } = await largeFile();
  const { port, path, stop } = await start({ find });
  const reader = await raw(port, getLine(`${await path('a')}node.iso`));
  await readSome(reader, 1);
  const waiting = [await raw(port, ''), await raw(port, 'GET / HTTP/1.1\r\n'), await raw(port, getLine('/'))];
  const ends = Promise.all([reader.resume(), ...waiting].map(closed));
  const began = performance.now();
  await stop();
  expect(performance.now() - began).toBeLessThan(5000);
  await ends;
  await expect.poll(() => descriptorsOf(file)).toBe(0);
});
