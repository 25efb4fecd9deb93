/** Where an update comes from: a link of `coldstart serve`, other servers, and all that they may do wrong. The running slot stays as it is. */
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { sha256, sha256File } from '../../../src/builder/system/digest.ts';
import { DEFAULT_LIMITS } from '../../../src/serve/http/settings.ts';
import type { Resource, Shelf } from '../../../src/serve/resource.ts';
import { serve } from '../../../src/serve/run.ts';
import { signedFor } from '../../../src/usecases/serve/certificate.ts';
import type { InstalledNode } from './machine.ts';
import { bundleOf, installed, NEW_BASE, NODE, RUNNING, worldOf, type World } from './world.ts';

let own: World;

beforeAll(async () => {
  const { stdout } = await execa('mktemp', ['--directory', '--tmpdir', 'coldstart-test-XXXXXX']);
  own = await worldOf('quick-start', stdout);
  return () => rm(stdout, { recursive: true });
});

const resource = (bytes: Uint8Array): Resource => ({
  ...{ pieces: [{ bytes }], size: bytes.length, sha256: sha256(bytes), type: 'application/octet-stream' },
});

/** Serves until the test ends. @returns the link of the node */
async function link(files: Readonly<Record<string, Uint8Array>>, path: string): Promise<string> {
  const shelf: Shelf = {
    nodes: [{ name: NODE, macs: [] }],
    find: (_, file) => Promise.resolve(files[file] === undefined ? null : resource(files[file])),
  };
  const abort = new AbortController();
  const identity = await signedFor('127.0.0.1', own.store);
  const ready = new Promise<void>((resolve, reject) => {
    const options = {
      ...{
        at: { address: '127.0.0.1', port: 0 },
        host: '127.0.0.1',
        identity,
        limits: DEFAULT_LIMITS,
        processes: 0,
        links: path,
      },
      ...{ reusable: false, report: () => undefined, ready: () => resolve(), signal: abort.signal },
    };
    serve(shelf, options).catch(reject);
  });
  onTestFinished(() => abort.abort());
  await ready;
  const line = (await readFile(path, 'utf8')).split('\n')[0] ?? '';
  return (JSON.parse(line) as { url: string }).url;
}

/** A server that answers as it is told. @returns its address */
async function server(answer: RequestListener): Promise<string> {
  const listening = createServer(answer).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return `http://127.0.0.1:${String((listening.address() as AddressInfo).port)}`;
}

/** The cause in the ledger, the message, and all that was said and noted. */
async function updateFrom(node: InstalledNode, source: string, before = '') {
  const script = `${before}
COLDSTART_DEADLINE=2 cluster-update.sh - <<<'${source}' >/run/said 2>&1; echo "$?"
jq -r '.cause, .message' /run/cluster/ledger.jsonl | tail -n 2; cat /run/said /run/cluster/* >&2 2>/dev/null`;
  const { stdout, stderr } = await node.run(['bash', '-c', script]);
  const [status, cause = '', message = ''] = stdout.split('\n');
  return { status: Number(status), cause, message, all: stderr };
}
const state = async (node: InstalledNode) => [
  await node.digest('a.img'),
  await node.digest('b.img'),
  await node.environment(),
];

describe('an update', () => {
  it('comes from coldstart serve by a link, with what the running slot lacks; the token is seen nowhere', async () => {
    const node = await installed(own);
    const files = new Map([...RUNNING, ['base.squashfs', NEW_BASE]]);
    const bundle = await bundleOf(own, { release: 3, files });
    await node.offer(bundle, 'twin.raucb', own.store);
    const served = { 'update.raucb': await readFile(bundle), 'base.squashfs': NEW_BASE };
    const url = await link(served, join(own.folder, 'links.jsonl'));
    const { status, cause, message, all } = await updateFrom(node, `${url}update.raucb`);
    expect([status, cause, message]).toEqual([0, '', 'slot B holds release 3; the next start tries it']);
    expect(await node.slotB()).toMatchObject({ 'live/base.squashfs': sha256(NEW_BASE) });
    const token = url.split('/').filter((part) => part.length >= 40);
    expect(token).toHaveLength(1);
    expect(all).not.toContain(token[0]);
    // The link was for one download.
    const again = await updateFrom(node, `${url}update.raucb`.replace(token[0]!, 'x'.repeat(43)));
    expect(again).toMatchObject({ status: 1, cause: 'bundle-unreachable' });
  });

  it('that a server does not give as it should changes nothing, and the reason is said', async () => {
    const node = await installed(own);
    const bundle = await readFile(await bundleOf(own, { release: 3 }));
    const before = await state(node);
    const base = await server((request, response) => {
      const name = request.url?.slice(1);
      if (name === 'forbidden') response.writeHead(403).end();
      else if (name === 'silent') response.writeHead(200, { 'content-length': bundle.length }).write('x');
      else if (name === 'short') response.writeHead(200, { 'content-length': 60_000 }).end(bundle.subarray(0, 60_000));
      else if (name === 'page') response.writeHead(200).end('<html>please log in</html>');
      else if (name === 'endless') pour(response);
      else if (name === 'round') response.writeHead(302, { location: '/round' }).end();
      else response.writeHead(404).end();
    });
    const found: Record<string, string> = {};
    for (const name of ['forbidden', 'silent', 'short', 'page', 'endless', 'round', 'none']) {
      const { status, cause, message } = await updateFrom(node, `${base}/${name}`);
      found[name] = `${String(status)} ${cause} ${message.replaceAll(/127\.0\.0\.1:\d+/g, 'SERVER')}`;
    }
    expect(found).toEqual({
      forbidden: expect.stringMatching(/^1 bundle-unreachable .*403/) as string,
      silent: expect.stringMatching(/^1 bundle-unreachable .*(too slow|timed out)/i) as string,
      short: expect.stringMatching(/^1 bundle-damaged /) as string,
      page: expect.stringMatching(/^1 bundle-damaged /) as string,
      endless: expect.stringMatching(/^1 bundle-unreachable .*file size/i) as string,
      round: expect.stringMatching(/^1 bundle-unreachable .*redirects/) as string,
      none: '1 bundle-unreachable http://SERVER/… cannot be read: there is no such file',
    });
    expect(await state(node)).toEqual(before);
    const { stdout } = await node.run(['bash', '-c', 'ls -A /var/lib/cluster-update']);
    expect(stdout).not.toContain('update.raucb');
  });

  it('does not start where /var has no room, and a second one waits for nobody', async () => {
    const node = await installed(own);
    const files = new Map([...RUNNING, ['base.squashfs', NEW_BASE]]);
    await node.offer(await bundleOf(own, { release: 3, files }), 'update.raucb', own.store);
    await mkdir(join(node.folder, 'offered/files'));
    await writeFile(join(node.folder, 'offered/files', sha256(NEW_BASE)), NEW_BASE);
    const before = await state(node);
    const fill = 'head -c "$(($(df --block-size=1 --output=avail /var | tail -n 1) - 2000000))" /dev/zero >/var/filler';
    expect(await updateFrom(node, '/offered/update.raucb', fill)).toMatchObject({ status: 1, cause: 'disk-full' });
    expect(await updateFrom(node, '/dev/zero', 'rm /var/filler')).toMatchObject({
      status: 1,
      cause: 'bundle-unreachable',
    });
    const lock = 'mkdir -p /run/cluster; exec 7>/run/cluster/update.lock; flock 7';
    const second = await node.run([
      'bash',
      '-c',
      `${lock}; cluster-update.sh /offered/update.raucb 2>&1; echo status $?`,
    ]);
    expect(second.stdout).toBe('cluster-update.sh: another update is running\nstatus 1');
    expect(await state(node)).toEqual(before);
  });
});

describe('the marks of real RAUC', () => {
  it('are those that the boot loader knows: a try, a good slot, a return', async () => {
    const node = await installed(own);
    await node.offer(await bundleOf(own, { release: 4 }), 'update.raucb', own.store);
    expect(await updateFrom(node, '/offered/update.raucb')).toMatchObject({ status: 0 });
    expect(await node.environment()).toMatchObject({ ORDER: 'B A', B_OK: '1', B_TRY: '0', B_TRIED: '0' });
    // The boot loader has tried slot B, and starts slot A again.
    await node.setEnvironment({ ...(await node.environment()), B_TRY: '1', B_TRIED: '1' });
    const marked = await node.run(['bash', '-c', 'cluster-mark-good.sh; cluster-update.sh --status']);
    expect(marked.stdout).toContain('update failed (update-returned)');
    expect(JSON.parse(marked.stdout.split('\n').at(-1)!)).toMatchObject({
      state: 'returned',
      slot: 'A',
      pending: null,
    });
    expect(await node.environment()).toMatchObject({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '0' });
    await node.setEnvironment({ ...(await node.environment()), A_TRY: '1' });
    await node.run(['cluster-mark-good.sh']);
    expect(await node.environment()).toMatchObject({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '0' });
    expect((await stat(join(node.folder, 'esp/boot/grub/grubenv'))).size).toBe(1024);
    expect(await sha256File(join(node.folder, 'a.img'))).toBe(await node.digest('a.img'));
  });
});

/** Writes for as long as somebody reads. */
function pour(response: Parameters<RequestListener>[1]): void {
  const block = Buffer.alloc(1 << 16);
  const more = (): void => {
    while (response.write(block));
  };
  response.on('drain', more);
  more();
}
