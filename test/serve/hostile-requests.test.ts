/** Requests that are broken, ambiguous, or meant to deceive: each gets a refusal or its connection is closed, and others are served. */
import { describe, expect, it, test } from 'vitest';
import { closed, CONTENT, get, getLine, raw, start, type RunningServer } from './running-server.ts';

/** The status lines of the answers. */
const statuses = (said: string): string[] => said.match(/HTTP\/1\.1 \d{3}/g)?.map((line) => line.slice(9)) ?? [];

/** What the server says to a text and closes the connection; it must close it, and still answer others. */
async function saidTo(server: RunningServer, text: string): Promise<string> {
  const said = await closed(await raw(server.port, text));
  expect((await get(server.port, `${await server.path('b')}vmlinuz`)).body.toString()).toBe('kernel');
  return said;
}

const CHUNKED = 'Transfer-Encoding: chunked';
const SECOND = 'GET /second HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a request that another server may read as two is not answered, and nothing after it is', () => {
  const heads: Readonly<Record<string, readonly string[]>> = {
    'both lengths': ['Content-Length: 4', CHUNKED],
    'both lengths, the other way round': [CHUNKED, 'Content-Length: 4'],
    'two lengths': ['Content-Length: 0', 'Content-Length: 40'],
    'a list of lengths': ['Content-Length: 0, 40'],
    'a length with a sign': ['Content-Length: +0'],
    'a length in hexadecimal digits': ['Content-Length: 0x0'],
    'a negative length': ['Content-Length: -1'],
    'a length beyond all numbers': ['Content-Length: 99999999999999999999'],
    'an unknown coding': ['Transfer-Encoding: chunked, identity'],
    'a space before the colon': ['Transfer-Encoding : chunked'],
    'a header that starts with a space': [' Transfer-Encoding: chunked'],
    'a NUL in a header': ['X: a\0b'],
    'a carriage return in a header': ['X: a\rContent-Length: 4'],
  };
  test.each(Object.entries(heads))('%s', async (_, headers) => {
    const server = await start();
    const said = await saidTo(server, getLine('/first', ...headers) + `0\r\n\r\n${SECOND}`);
    expect(statuses(said).filter((status) => status !== '400')).toEqual([]);
  });

  test.each(['zz', '-1', 'ffffffffffffffffff', '5;'.padEnd(40_000, 'x')])('a chunk of %.20s', async (size) => {
    const server = await start({ limits: { headers: 500 } });
    const said = await saidTo(server, getLine('/first', CHUNKED) + `${size}\r\n${SECOND}`);
    expect(statuses(said).filter((status) => status === '404').length).toBeLessThanOrEqual(1);
  });
});

it('a body is not taken for a request', async () => {
  const server = await start();
  const text = getLine('/first', `Content-Length: ${SECOND.length}`) + SECOND + getLine('/third', 'Connection: close');
  expect(statuses(await saidTo(server, text))).toEqual(['404', '404']);
});

it('a body that never ends is cut off', async () => {
  const server = await start({ limits: { headers: 300 } });
  await saidTo(server, `${getLine('/first', CHUNKED)}5\r\nhello\r\n`);
});

describe('what is no HTTP/1 is refused', () => {
  const texts: Readonly<Record<string, string>> = {
    'HTTP/0.9': 'GET /\r\n',
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'HTTP/1.9': 'GET / HTTP/1.9\r\nHost: x\r\n\r\n',
    'a tunnel': 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
    'no host': 'GET / HTTP/1.1\r\n\r\n',
    'a NUL in the address': 'GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n',
    'a long address': getLine(`/${'a'.repeat(20_000)}`),
    'a long header': getLine('/', `X: ${'x'.repeat(20_000)}`),
    'many headers': getLine('/', ...Array.from({ length: 5000 }, (_, index) => `X-${index}: x`)),
  };
  test.each(Object.entries(texts))('%s', async (_, text) => {
    const said = await saidTo(await start({ limits: { headers: 500 } }), text);
    expect(statuses(said).filter((status) => status !== '400')).toEqual([]);
  });
});

describe('what old and careful clients send is understood', () => {
  it('HTTP/1.0, with the connection closed at the end', async () => {
    const { port, path } = await start();
    const said = await closed(await raw(port, `GET ${await path('a')}vmlinuz HTTP/1.0\r\n\r\n`));
    expect(said).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Connection: close.*\r\n\r\nkernel$/s);
  });

  it('an absolute address, of whatever host', async () => {
    const { port, path } = await start();
    for (const origin of ['http://x', 'HTTPS://boot.example:8443']) {
      expect((await get(port, `${origin}${await path('a')}vmlinuz`)).body.toString()).toBe('kernel');
    }
    expect((await get(port, 'http://x')).status).toBe(404);
  });

  it('an upgrade that the server does not know, and a body that waits for permission', async () => {
    const { port, path } = await start();
    const kernel = `${await path('a')}vmlinuz`;
    expect((await get(port, kernel, { Connection: 'Upgrade', Upgrade: 'h2c' })).status).toBe(200);
    const waits = getLine(kernel, 'Expect: 100-continue', 'Content-Length: 1', 'Connection: close');
    expect(statuses(await closed(await raw(port, `${waits}x`)))).toEqual(['100', '200']);
  });

  it('a few requests that do not wait for the answers', async () => {
    const { port, path } = await start();
    const kernel = `${await path('a')}vmlinuz`;
    const socket = await raw(port, getLine(kernel) + getLine('/') + getLine(kernel, 'Connection: close'));
    expect(statuses(await closed(socket))).toEqual(['200', '404', '200']);
  });
});

it('no spelling of an address leaves the files of the node', async () => {
  const { port, path } = await start();
  const a = await path('a');
  const ends = ['%00', 'vmlinuz%00', '..%2f..%2fvmlinuz', '%2e%2e/vmlinuz', '..\\vmlinuz', '%c0%ae%c0%ae/', '%ff', 'vmlinuz/.', './vmlinuz', '/vmlinuz', 'vmlinuz;x', 'vmlinuz%20', 'constructor', '%F0%9F%92%A9']; // prettier-ignore
  for (const end of ends) expect([end, (await get(port, a + end)).status]).toEqual([end, 404]);
  const [, , token = ''] = a.split('/');
  for (const name of ['', '.', '..', 'a%00', 'A', 'a%2f', '__proto__', '%', '*']) {
    expect([name, (await get(port, `/${name}/${token}/vmlinuz`)).status]).toEqual([name, 404]);
  }
});

it('a thousand ranges cost one file, and the whole file that answers them uses the link up', async () => {
  const { port, path } = await start({ reusable: false });
  const first = await path('a');
  const Range = `bytes=${Array.from({ length: 1000 }, (_, index) => `${index}-`).join(',')}`;
  const reply = await get(port, `${first}node.iso`, { Range });
  expect([reply.status, reply.body.equals(CONTENT)]).toEqual([200, true]);
  await expect.poll(() => path('a')).not.toBe(first);
  const conditional = await get(port, `${await path('a')}node.iso`, { Range: 'bytes=0-9', 'If-Range': '"other"' });
  expect(conditional.body.equals(CONTENT)).toBe(true);
  await expect.poll(async () => (await get(port, `${first}vmlinuz`)).status).toBe(200); // within the grace
});

it('guesses get one answer, whatever was right in them, and one line of the report', async () => {
  const { port, path, events } = await start();
  const [, , token = ''] = (await path('a')).split('/');
  const guesses = ['/a/x/node.iso', `/c/${token}/node.iso`, `/b/${token}/node.iso`, `/a/${token.slice(1)}/node.iso`];
  const replies = [];
  for (const guess of [...guesses, ...guesses]) {
    const { status, body, headers } = await get(port, guess);
    replies.push([status, body.toString(), Object.keys(headers).sort().join()]);
  }
  expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
  expect(events.map(({ type }) => type)).toEqual(['refused']);
});

it('requests without end on one connection close it', async () => {
  const { port, path } = await start();
  await closed(await raw(port, getLine(`${await path('a')}node.iso`).repeat(1000)));
});
