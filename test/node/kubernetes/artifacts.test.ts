/** Downloads of a node: real curl against a server on loopback, with interruptions, wrong content, power failures. */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../builder/temporary.ts';
import { webServer, type WebServer } from '../../builder/web-server.ts';
import { machine, type Machine } from '../machine.ts';

const STORE = 'var/lib/coldstart/artifacts';
const KUBELET = `#!/bin/sh\n${'# padding\n'.repeat(1000)}echo kubelet\n`;
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

interface Row {
  readonly name?: string;
  readonly url: string;
  readonly digest?: string;
}

const table = (...rows: readonly Row[]): string =>
  rows
    .map(({ name = 'kubelet', url, digest = sha256(KUBELET) }) =>
      [name, url, digest, '0755', `/usr/local/bin/${name}`].join('\t').concat('\n'),
    )
    .join('');

async function node(...rows: readonly Row[]): Promise<Machine> {
  const env = { KUBERNETES_VERSION: '1.35.4' };
  return machine({ env, files: { 'etc/cluster-config/artifacts.tsv': table(...rows) } });
}

const serve = (): Promise<WebServer> => webServer({ '/kubelet': KUBELET, '/kubectl': 'kubectl' });
const store = (made: Machine): Promise<string[]> => readdir(made.path(STORE)).then((names) => names.sort());

describe('cluster-artifacts', () => {
  it('fetches programs onto the state disk and links them to their places', async () => {
    const server = await serve();
    const kubectl = { name: 'kubectl', url: `${server.url}/kubectl`, digest: sha256('kubectl') };
    const made = await node({ url: `${server.url}/kubelet` }, kubectl);
    expect((await made.run('cluster-artifacts.sh')).status).toBe(0);
    expect(await store(made)).toEqual([sha256(KUBELET), sha256('kubectl')].sort());
    expect(await readlink(made.path('usr/local/bin/kubelet'))).toBe(made.path(`${STORE}/${sha256(KUBELET)}`));
    expect((await execa(made.path('usr/local/bin/kubelet'))).stdout).toBe('kubelet');
    expect((await stat(made.path('usr/local/bin/kubectl'))).mode & 0o777).toBe(0o755);
    expect(await made.steps()).toEqual(['artifacts running', 'artifacts running', 'artifacts done']);
    expect((await made.ledger()).at(-1)?.message).toBe('2 programs of Kubernetes 1.35.4 are in place');
  });

  it('fetches nothing at the next boot, when the root has forgotten the links', async () => {
    const server = await serve();
    const made = await node({ url: `${server.url}/kubelet` });
    await made.run('cluster-artifacts.sh');
    await execa('rm', ['-r', made.path('usr')]);
    await made.restart();
    expect((await made.run('cluster-artifacts.sh')).status).toBe(0);
    expect(server.asked).toEqual(['/kubelet']);
    expect((await execa(made.path('usr/local/bin/kubelet'))).stdout).toBe('kubelet');
  });

  it('replaces the link when the image asks for another version', async () => {
    const server = await webServer({ '/new': 'new', '/kubelet': KUBELET });
    const made = await node({ url: `${server.url}/kubelet` });
    await made.run('cluster-artifacts.sh');
    await made.write('etc/cluster-config/artifacts.tsv', table({ url: `${server.url}/new`, digest: sha256('new') }));
    await made.run('cluster-artifacts.sh');
    expect(await made.read('usr/local/bin/kubelet')).toBe('new');
    expect(await readdir(made.path('usr/local/bin'))).toEqual(['kubelet']);
  });

  it('goes on where the connection broke', async () => {
    const server = await serve();
    server.cutAfter = 3000;
    const made = await node({ url: `${server.url}/kubelet` });
    expect((await made.run('cluster-artifacts.sh')).status).toBe(0);
    expect(server.asked).toEqual(['/kubelet', '/kubelet bytes=3000-']);
    expect(await made.steps()).toEqual([
      ...['artifacts running', 'artifacts waiting artifact-unreachable', 'artifacts running', 'artifacts done'],
    ]);
    expect(await readFile(made.path('usr/local/bin/kubelet'), 'utf8')).toBe(KUBELET);
  });

  it.each([
    ['a part', KUBELET.slice(0, 5000), ['/kubelet bytes=5000-']],
    ['everything but the last name', KUBELET, [`/kubelet bytes=${String(KUBELET.length)}-`]],
    ['a part of something else', 'x'.repeat(5000), ['/kubelet bytes=5000-', '/kubelet']],
    ['more than there is', 'x'.repeat(50_000), ['/kubelet bytes=50000-', '/kubelet']],
  ])('finishes when a power cut left %s', async (_, left, asked) => {
    const server = await serve();
    const made = await node({ url: `${server.url}/kubelet` });
    await made.write(`${STORE}/${sha256(KUBELET)}.partial`, left);
    expect((await made.run('cluster-artifacts.sh')).status).toBe(0);
    expect(server.asked).toEqual(asked);
    expect(await store(made)).toEqual([sha256(KUBELET)]);
    expect(await made.read('usr/local/bin/kubelet')).toBe(KUBELET);
  });

  it('finds damage on the state disk and fetches again', async () => {
    const server = await serve();
    const made = await node({ url: `${server.url}/kubelet` });
    await made.write(`${STORE}/${sha256(KUBELET)}`, KUBELET.replace('padding', 'PADDING'));
    expect((await made.run('cluster-artifacts.sh')).status).toBe(0);
    expect(await made.read('usr/local/bin/kubelet')).toBe(KUBELET);
    expect(await made.steps()).toEqual([
      ...['artifacts running', 'artifacts running artifact-damaged', 'artifacts done'],
    ]);
  });

  it('refuses a wrong digest, names the URL and both digests, and keeps nothing of it', async () => {
    const server = await webServer({ '/kubelet': 'another kubelet' });
    const url = `${server.url}/kubelet`;
    const made = await node({ url });
    expect((await made.run('cluster-artifacts.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      ...{ state: 'failed', cause: 'artifact-digest-wrong' },
      message: `kubelet from ${url} has the SHA-256 ${sha256('another kubelet')} instead of ${sha256(KUBELET)}; it is not used`,
    });
    expect(await store(made)).toEqual([]);
    await expect(lstat(made.path('usr/local/bin/kubelet'))).rejects.toThrow('ENOENT');
  });

  it('says why a server gives nothing, after five tries', async () => {
    const server = await webServer({});
    const url = `${server.url}/kubelet`;
    const made = await node({ url });
    expect((await made.run('cluster-artifacts.sh')).status).toBe(1);
    expect(server.asked).toHaveLength(5);
    expect((await made.ledger()).at(-1)).toMatchObject({
      ...{ state: 'failed', cause: 'artifact-unreachable' },
      message: `kubelet cannot be downloaded from ${url}: curl: (22) The requested URL returned error: 404`,
    });
  });
});

describe('a program without a digest in the image', () => {
  /** A certificate for the server on loopback, which curl trusts through the `.curlrc` of its home. */
  async function tlsServer(answers: Readonly<Record<string, string>>): Promise<WebServer & { readonly ca: string }> {
    const folder = await temporaryFolder();
    const [keyFile, ca] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await execa('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=mirror', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', ca],
    ]);
    const tls = { key: await readFile(keyFile, 'utf8'), cert: await readFile(ca, 'utf8') };
    return Object.assign(await webServer(answers, tls), { ca });
  }

  it('has the one that is published beside it, asked for once', async () => {
    const server = await tlsServer({ '/kubelet': KUBELET, '/kubelet.sha256': `${sha256(KUBELET)}  kubelet\n` });
    const made = await node({ url: `${server.url}/kubelet`, digest: '-' });
    await writeFile(made.path('.curlrc'), `cacert = "${server.ca}"\n`);
    expect((await made.run('cluster-artifacts.sh')).status).toBe(0);
    expect(await made.read('usr/local/bin/kubelet')).toBe(KUBELET);
    await made.restart();
    expect((await made.run('cluster-artifacts.sh')).status).toBe(0);
    expect(server.asked).toEqual(['/kubelet.sha256', '/kubelet']);
  });

  it('is not taken from a server whose certificate is not trusted', async () => {
    const server = await tlsServer({ '/kubelet': KUBELET, '/kubelet.sha256': sha256(KUBELET) });
    const made = await node({ url: `${server.url}/kubelet`, digest: '-' });
    expect((await made.run('cluster-artifacts.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)?.message).toMatch(
      /^digest of kubelet cannot be downloaded from https:.*: curl: \(60\) SSL certificate problem/,
    );
    expect(server.asked).toEqual([]);
  });

  it('is not fetched without TLS', async () => {
    const server = await webServer({ '/kubelet': KUBELET, '/kubelet.sha256': sha256(KUBELET) });
    const made = await node({ url: `${server.url}/kubelet`, digest: '-' });
    expect((await made.run('cluster-artifacts.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({ state: 'failed', cause: 'artifact-unprotected' });
    expect(server.asked).toEqual([]);
  });

  it('is not guessed from the page of a captive portal', async () => {
    const server = await tlsServer({ '/kubelet': KUBELET, '/kubelet.sha256': '<html>Please log in</html>' });
    const made = await node({ url: `${server.url}/kubelet`, digest: '-' });
    await writeFile(made.path('.curlrc'), `cacert = "${server.ca}"\n`);
    expect((await made.run('cluster-artifacts.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({ state: 'failed', cause: 'artifact-digest-unknown' });
    expect(await store(made)).toEqual([]);
  });
});
