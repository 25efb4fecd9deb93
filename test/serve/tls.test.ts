/** The server with TLS, and clients that misuse it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Identity } from '../../src/serve/http/settings.ts';
import { signedFor } from '../../src/usecases/serve/certificate.ts';
import { lab, storeOf } from '../pki/clusters.ts';
import { closed, CONTENT, getLine, raw, start } from './running-server.ts';

let identity: Identity;
beforeAll(async () => {
  identity = await signedFor('127.0.0.1', await storeOf(lab));
});

/** The certificate is another test's matter: test/usecases/serve.test.ts */
async function secure(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function kernel(port: number, path: string): Promise<string> {
  const socket = await secure(port);
  socket.write(getLine(`${path}vmlinuz`, 'Connection: close'));
  return (await closed(socket)).slice(-6);
}

it('gives the bytes of a file', async () => {
  const { port, path } = await start({ identity });
  const socket = await secure(port);
  socket.write(getLine(`${await path('a')}node.iso`, 'Connection: close'));
  const said = await closed(socket);
  expect(said.slice(said.indexOf('\r\n\r\n') + 4) === CONTENT.toString('latin1')).toBe(true);
});

describe('a client is cut off', () => {
  it('that never ends its handshake, or speaks without TLS, and others are served meanwhile', async () => {
    const { port, path } = await start({ identity, limits: { headers: 1000 } });
    const hello = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'; // the begin of a ClientHello of 512 bytes
    const clients = await Promise.all(['', hello, getLine('/'), 'x'.repeat(100_000)].map((text) => raw(port, text)));
    const ends = Promise.all(clients.map(closed));
    expect(await kernel(port, await path('a'))).toBe('kernel');
    expect((await ends).join('')).not.toContain('HTTP/1.1 200');
  });

  it('that sends no request after its handshake, or too slow a one', async () => {
    const { port, path } = await start({ identity, limits: { headers: 500 } });
    const clients = [await secure(port), await secure(port)];
    clients[1]?.write('GET / HTTP/1.1\r\n');
    await Promise.all(clients.map(closed));
    expect(await kernel(port, await path('a'))).toBe('kernel');
  });

  it('that waits longest, when another one needs room', async () => {
    const { port, path } = await start({ identity, limits: { connections: 5 } });
    const clients = [];
    for (const text of ['', '', 'TLS', 'TLS', 'TLS']) clients.push(await (text === '' ? raw(port, '') : secure(port)));
    const ended: number[] = [];
    clients.forEach((socket, index) => socket.resume().once('close', () => ended.push(index)));
    for (let count = 0; count < 4; count++) expect(await kernel(port, await path('a'))).toBe('kernel');
    await expect.poll(() => ended).toEqual([0]); // each of the later ones ends before the next one begins
    await Promise.all([raw(port, ''), raw(port, ''), raw(port, '')]);
    await expect.poll(() => ended).toEqual([0, 1, 2]);
  });
});

it('older versions of TLS are refused', async () => {
  const { port } = await start({ identity });
  for (const maxVersion of ['TLSv1', 'TLSv1.1']) {
    await expect(secure(port, { minVersion: 'TLSv1', maxVersion, ciphers: 'ALL:@SECLEVEL=0' })).rejects.toThrow();
  }
});

it('a client cannot negotiate again', async () => {
  const { port, path } = await start({ identity });
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2', '-legacy_renegotiation'];
  const client = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void client.kill());
  let said = '';
  for (const stream of [client.stdout, client.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await expect.poll(() => said, { timeout: 20_000 }).toContain('Verify return code');
  client.stdin.write('R\n'); // s_client(1), connected commands
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(/no renegotiation/i);
  expect(await kernel(port, await path('a'))).toBe('kernel');
});

it('the end does not wait for handshakes', async () => {
  const { port, stop } = await start({ identity });
  const ends = Promise.all([closed(await raw(port, '')), closed(await secure(port))]);
  await stop();
  await ends;
});
