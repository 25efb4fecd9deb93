/** The server over loopback: what clients get. */
import { describe, expect, it } from 'vitest';
import { CONTENT, get, SHA256, start } from './running-server.ts';

describe('a file', () => {
  it('is whole, with its length, a strong tag and its digest', async () => {
    const { port, path } = await start();
    const { status, headers, body } = await get(port, `${await path('a')}node.iso`);
    expect(status).toBe(200);
    expect(body.equals(CONTENT)).toBe(true);
    expect(headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(CONTENT.length),
      etag: `"${SHA256}"`,
      'repr-digest': `sha-256=:${Buffer.from(SHA256, 'hex').toString('base64')}:`,
    });
  });

  it('can be read in parts, over the borders of its pieces', async () => {
    const { port, path } = await start();
    const iso = `${await path('a')}node.iso`;
    const ranges = [[0, 1], [1048000, 1060000], [1048576, 1053576], [3145727, 3145728]] as const; // prettier-ignore
    for (const [begin, end] of ranges) {
      const { status, headers, body } = await get(port, iso, { Range: `bytes=${begin}-${end - 1}` });
      expect(status).toBe(206);
      expect(headers['content-range']).toBe(`bytes ${begin}-${end - 1}/${CONTENT.length}`);
      expect(headers['repr-digest']).toContain('sha-256=:');
      expect(body.equals(CONTENT.subarray(begin, end))).toBe(true);
    }
    const beyond = await get(port, iso, { Range: `bytes=${CONTENT.length}-` });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${CONTENT.length}`]);
  });

  it.each([
    [304, { 'If-None-Match': `"${SHA256}"` }],
    [412, { 'If-Match': '"other"' }],
    [416, { Range: `bytes=${String(CONTENT.length)}-` }],
  ])('has its tag but not its digest in an answer %i, which has no byte of it', async (expected, asked) => {
    const { port, path } = await start();
    const { status, headers, body } = await get(port, `${await path('a')}node.iso`, asked);
    expect([status, body.length, headers.etag]).toEqual([expected, 0, `"${SHA256}"`]);
    expect(headers).not.toHaveProperty('repr-digest');
  });

  it('has headers without a body for HEAD, which does not take the link', async () => {
    const { port, path, links } = await start();
    const reply = await get(port, `${await path('a')}node.iso`, {}, 'HEAD');
    expect([reply.status, reply.body.length]).toEqual([200, 0]);
    expect(reply.headers['content-length']).toBe(String(CONTENT.length));
    expect(await links()).not.toContain('127.0.0.1"');
  });

  it('is found by MAC, too', async () => {
    const { port, path } = await start();
    const [, , token] = (await path('b')).split('/');
    expect((await get(port, `/52-54-00-00-00-01/${token}/vmlinuz`)).body.toString()).toBe('kernel');
    expect((await get(port, `/52%3A54%3A00%3A00%3A00%3A01/${token}/vmlinuz`)).status).toBe(200);
  });

  it('is given once', async () => {
    const { port, path, events } = await start({ reusable: false });
    const first = await path('a');
    await get(port, `${first}node.iso`);
    await expect.poll(() => path('a')).not.toBe(first);
    expect(events.map(({ type }) => type)).toEqual(['began', 'used']);
    expect((await get(port, `${await path('a')}node.iso`)).status).toBe(200);
  });
});

describe('a client gets nothing but its own', () => {
  it('with a token of another node, a wrong one, or none', async () => {
    const { port, path } = await start();
    const [, , token = ''] = (await path('a')).split('/');
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const paths = [
      ...['/', '/a', '/a/', '/a//node.iso', `/b/${token}/vmlinuz`, `/a/${wrong}/vmlinuz`, `/${token}/vmlinuz`],
      ...[`/a/${token}/`, `/a/${token}/node.iso/`, `/a/${token}/../../etc/passwd`, `/a/${token}/%2e%2e/node.iso`],
      ...[`/a/${token}/%`, `/a/${token}/__proto__`, '//a', '*', `/a/${token}/NODE.ISO`],
    ];
    for (const one of paths) {
      const { status, body } = await get(port, one);
      expect([one, status, body.toString()]).toEqual([one, 404, 'Not found.\n']);
    }
  });

  it('with another method', async () => {
    const { port, path } = await start();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await get(port, `${await path('a')}vmlinuz`, {}, method);
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('and no token and no reason in what is reported', async () => {
    const { port, path, events } = await start({ find: () => Promise.reject(new Error('no space left')) });
    const [, , token = ''] = (await path('a')).split('/');
    const { status, body } = await get(port, `/a/${token}/node.iso`);
    expect([status, body.toString()]).toEqual([500, 'This file cannot be made now.\n']);
    await get(port, `/b/${token}/node.iso`);
    expect(events.map(({ type }) => type)).toEqual(['began', 'failed', 'refused']);
    expect(JSON.stringify(events)).not.toContain(token);
  });
});
