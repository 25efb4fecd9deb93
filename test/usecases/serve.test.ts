/** `serve` before it listens: its certificate, and calls that are refused. */
import { once } from 'node:events';
import { get } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseListen } from '../../src/cli/options/listen.ts';
import { emptyStore } from '../../src/pki/store/model.ts';
import { replyText } from '../../src/serve/http/reply.ts';
import { startServer } from '../../src/serve/http/server.ts';
import { DEFAULT_LIMITS } from '../../src/serve/http/settings.ts';
import { signedFor } from '../../src/usecases/serve/certificate.ts';
import { lab, storeOf } from '../pki/clusters.ts';
import { makeWorld } from '../cli/world.ts';

const ANYWHERE = { address: '127.0.0.1', port: 0 };
const HERE = { identity: null, limits: DEFAULT_LIMITS, processes: 0, lost: () => undefined };

describe('the certificate', () => {
  test('is accepted by clients that trust the authority of the cluster, for this address alone', async () => {
    const store = await storeOf(lab);
    const ca = store.authorities['kubernetes']?.current.certificate;
    const identity = await signedFor('127.0.0.1', store);
    const server = await startServer(ANYWHERE, { ...HERE, identity }, () => {
      return Promise.resolve(replyText(200, 'reached', 'GET'));
    });
    const ask = async (host: string, options: object): Promise<number | undefined> => {
      const asked = get({ host: '127.0.0.1', servername: host, port: server.at.port, agent: false, ...options });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    try {
      expect(await ask('', { ca })).toBe(200);
      await expect(ask('', {})).rejects.toThrow('self-signed certificate in certificate chain');
      await expect(ask('boot.example', { ca })).rejects.toThrow('does not match');
    } finally {
      await server.close();
    }
  });

  test('may be for a name', async () => {
    const { certificate } = await signedFor('boot.example', await storeOf(lab));
    expect(new X509Certificate(certificate).checkHost('boot.example')).toBe('boot.example');
  });

  test('cannot be made without an authority', async () => {
    await expect(signedFor('boot.example', emptyStore('lab'))).rejects.toThrow('has no authority');
  });
});

test('--listen takes an address and a port', () => {
  expect(parseListen('192.168.50.5:8443')).toEqual({ address: '192.168.50.5', port: 8443 });
  expect(parseListen('[fd00::5]:80')).toEqual({ address: 'fd00::5', port: 80 });
  for (const text of [
    '8443',
    '192.168.50.5',
    'boot.example:80',
    'fd00::5:80',
    '[1.2.3.4]:80',
    '1.2.3.4:70000',
    ':80',
  ]) {
    expect(() => parseListen(text), text).toThrow('is not an address of this machine and a port');
  }
});

describe('a call is refused', () => {
  const serve = async (...words: readonly string[]): Promise<unknown> => {
    const { run } = await makeWorld();
    return run('serve', ...words).then(
      () => 'served',
      (error: unknown) => (error as Error).message,
    );
  };

  test('without --listen, with half a certificate, with one and --plain-http', async () => {
    expect(await serve('lab')).toContain("required option '--listen <address:port>' not specified");
    const at = ['lab', '--listen', '127.0.0.1:0'];
    expect(await serve(...at, '--cert', 'a.crt')).toBe('A certificate and its key belong together.');
    const both = ['--cert', 'a.crt', '--key', 'a.key'];
    expect(await serve(...at, ...both, '--plain-http')).toBe('With `--plain-http` there is no certificate.');
  });

  test('for all addresses without the name by which clients reach it', async () => {
    expect(await serve('lab', '--listen', '0.0.0.0:0')).toBe('Clients cannot reach `0.0.0.0`.');
    expect(await serve('lab', '--listen', '[::]:0')).toBe('Clients cannot reach `::`.');
  });

  test('for a node that is not there', async () => {
    expect(await serve('lab', '--listen', '127.0.0.1:0', '--node', 'worker-09')).toBe(
      '`worker-09` is not a node of cluster `lab`.',
    );
  });

  test('for an output folder without a certificate, without a build, or without images', async () => {
    const { folder, run } = await makeWorld();
    const out = join(folder, 'out');
    await mkdir(out);
    await writeFile(join(out, 'plan.json'), '{}');
    const serveOut = (...more: readonly string[]) => run('serve', 'out', '--listen', '127.0.0.1:0', ...more);
    await expect(serveOut()).rejects.toThrow('An output folder has no authority that could sign a certificate.');
    await expect(serveOut('--plain-http')).rejects.toThrow('contains no finished build');
    await writeFile(join(out, 'manifest.json'), JSON.stringify({ schema: 2, cluster: 'lab', nodes: {} }));
    await expect(serveOut('--plain-http')).rejects.toThrow(/has no image that can be served|Could not find/);
  });

  test('where another program listens', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const started = startServer({ ...ANYWHERE, port }, HERE, () => Promise.reject(new Error('asked')));
    await expect(started).rejects.toThrow('EADDRINUSE');
    other.close();
  });
});
