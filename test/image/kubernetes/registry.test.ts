/**
 * containerd of the base layer with test registries: the hosts that it asks for each image, and the credentials that it
 * uses.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Cluster, Registry } from '../../../src/config/cluster.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { example } from '../../render/examples.ts';
import { SOURCES } from '../../render/sources.ts';
import { containerd2, NEEDS, withContainerd2 } from '../containers/containerd-2.ts';
import { writeTree } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const folder = mkdtempSync(join(tmpdir(), 'coldstart-registry-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** One that is its own CA. */
function makeCertificate(): void {
  const names = ['registry-1.docker.io', 'harbor.test', 'quay.io'].map((name) => `DNS:${name}`);
  const args = [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9'],
    ...[
      '-keyout',
      'server.key',
      '-out',
      'server.crt',
      '-subj',
      '/CN=test',
      '-addext',
      `subjectAltName=${names.join(',')}`,
    ],
  ];
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const auth = (username: string) => ({ username, password: 'made-up' });
const mirror = (url: string) => ({ url, ca: null, skipVerify: false });
const registries: readonly Registry[] = [
  { host: 'docker.io', mirrors: [mirror('https://harbor.test/v2/dockerhub')], auth: auth('hub') },
  { host: 'harbor.test', mirrors: [], auth: auth('harbor') },
  { host: 'quay.io', mirrors: [mirror('http://cache.test:5000/quay')], auth: null },
  { host: 'cache.test:5000', mirrors: [], auth: auth('cache') },
  { host: '[fd00::5]:5000', mirrors: [mirror('http://[::1]:5000'), mirror('http://cache.test:5000/six')], auth: null },
  { host: '[::1]:5000', mirrors: [], auth: auth('six') },
];

/** The files of a worker of the quick-start example that has these registries. */
async function workersTree(change: (of: Cluster) => Cluster) {
  const quickStart = change(await example('quick-start'));
  const nodes = quickStart.nodes.map((node) => ({ ...node, registries }));
  const worker = nodes.find(({ bootRole }) => bootRole === 'worker');
  if (worker === undefined) throw new Error('the example has no worker');
  return renderNode({ ...quickStart, registries, nodes }, worker, SOURCES);
}

const programs = root === null ? null : containerd2();
const RUNTIMES: readonly (readonly [string, ((of: Cluster) => Cluster) | null, FileTree])[] = [
  ["Debian's containerd", root === null ? null : (of) => of, []],
  [`containerd 2 (${NEEDS})`, programs === null ? null : withContainerd2, programs ?? []],
];

describe.each(RUNTIMES)('%s', (_, change, added) => {
  test.skipIf(change === null)(
    'asks the hosts that are meant, with the credentials that are theirs',
    async () => {
      const own = mkdtempSync(join(folder, 'runtime-'));
      const [tree, scratch] = ['tree', 'scratch'].map((name) => join(own, name)) as [string, string];
      mkdirSync(tree, { mode: 0o755 });
      mkdirSync(scratch);
      writeTree(tree, [...(await workersTree(change ?? ((of) => of))), ...added]);
      makeCertificate();
      copyFileSync(join(folder, 'server.crt'), join(tree, 'etc/test-ca.crt'));
      writeFileSync(join(tree, 'etc/hosts'), '127.0.0.1 registry-1.docker.io harbor.test quay.io cache.test\n');
      const probe = ['--import', 'tsx', join(import.meta.dirname, 'registry-probe.ts')];
      const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child'];
      const images = ['docker.io/library/a:1', 'quay.io/b/c:1', '[fd00::5]:5000/d/e:1'];
      const args = [...namespaces, process.execPath, ...probe, root ?? '', tree, scratch, folder, ...images];
      const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 120_000 });
      expect(stdout, stderr).not.toBe('');
      const asked = JSON.parse(stdout) as string[];
      expect(asked.filter((line) => line.split(' ').length === 3)).toEqual([
        'harbor.test /v2/dockerhub/library/a/manifests/1 harbor:made-up',
        'registry-1.docker.io /v2/library/a/manifests/1 hub:made-up',
        'cache.test:5000 /quay/v2/b/c/manifests/1 cache:made-up',
        '[::1]:5000 /v2/d/e/manifests/1 six:made-up',
        'cache.test:5000 /six/v2/d/e/manifests/1 cache:made-up',
      ]);
    },
    180_000,
  );
});
