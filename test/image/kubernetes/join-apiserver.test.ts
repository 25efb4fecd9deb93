/**
 * Tokens that a real kube-apiserver accepts: made by the join service for one node, and made for an external store by
 * several masters at once. Other tests cover the parts in front (haproxy, TLS) and the protocols of the stores.
 */
import { X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path, { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/config/cluster.ts';
import { reveal } from '../../../src/pki/secret.ts';
import { OVERLAY, REPOSITORY } from '../../node/machine.ts';
import { lab } from '../../pki/clusters.ts';
import { ARTIFACTS, missing, NEEDS, startApiServer } from './api-server.ts';

const WORKERS = 'system:authenticated system:bootstrappers system:bootstrappers:coldstart:workers';
const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker-01' } };
const REQUEST = {
  ...{ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'x' } },
  spec: { request: '', signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['client auth'] },
};
const READY = JSON.stringify({ status: { conditions: [{ type: 'Ready', status: 'True' }] } });

const distributed = (tokenDistribution: 'http' | 'external'): Cluster => ({
  ...lab,
  bootstrap: { ...lab.bootstrap, tokenDistribution },
});

/** The API server of a new cluster, whose administrators are appointed, and its master, whose scripts can be run. */
async function master(cluster: Cluster) {
  const api = await startApiServer(cluster);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(api.root('master-01'), path)), { recursive: true });
    writeFileSync(join(api.root('master-01'), path), text);
  };
  const settings = {
    ...{
      CLUSTER_NAME: 'lab',
      NODE_NAME: 'master-01',
      NODE_HOSTNAME: 'master-01',
      NODE_IPS: '127.0.0.1',
      NODE_MACS: 'none',
    },
    ...{ NODE_ROLES: 'master', BOOT_ROLE: 'master-first', TOKEN_TTL: '3600' },
    API_PORT: String(api.cluster.controlPlane.port),
    TOKEN_DISTRIBUTION: cluster.bootstrap.tokenDistribution,
  };
  const env = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  write('etc/cluster-config/node.env', env.join(''));
  write('etc/kubernetes/node-labels.tsv', '');
  write('proc/sys/kernel/random/boot_id', 'made-up\n');
  const addons = join(REPOSITORY, 'overlays/role-master/etc/kubernetes/addons');
  api.kubectl(api.config('master-01', 'super-admin'), ['apply', '-f', join(addons, '00-admins.yaml')]);
  return {
    ...{ api, write },
    run: async (script: string, input = '', args: readonly string[] = []) => {
      const path = `${ARTIFACTS}:/usr/bin:/bin`;
      const { all, stdout } = await execa(join(OVERLAY, 'usr/local/bin', script), args, {
        ...{ input, all: true, reject: false, extendEnv: false },
        env: { COLDSTART_ROOT: api.root('master-01'), PATH: path, HOME: api.folder },
      });
      return { all, stdout };
    },
  };
}
type Master = Awaited<ReturnType<typeof master>>;

const kubeconfigText = ({ token, trust, url }: Readonly<Record<'token' | 'trust' | 'url', string>>): string =>
  JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'lab' },
    clusters: [{ name: 'lab', cluster: { 'certificate-authority-data': trust, server: url } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'kubelet-bootstrap' } }],
    users: [{ name: 'kubelet-bootstrap', user: { token } }],
  });

/** Whom the API server sees when it is shown this token. */
function seenAs({ api }: Master, token: string): string {
  const file = join(api.folder, 'bootstrap.conf');
  const trust = Buffer.from(api.store.authorities['kubernetes']!.current.certificate).toString('base64');
  const url = `https://127.0.0.1:${api.cluster.controlPlane.port}`;
  writeFileSync(file, kubeconfigText({ token, trust, url }));
  return api.attempt(file, 'auth', 'whoami').includes('Unauthorized') ? 'nobody' : api.whoami(file);
}

/** The API server learns of changes by watching, and remembers for ten seconds what it has believed. */
async function eventually(probe: () => string, expected: string): Promise<void> {
  for (let tries = 0; tries < 80 && probe() !== expected; tries++) await delay(250);
  expect(probe()).toBe(expected);
}

const secretsIn = ({ api }: Master): string =>
  api.kubectl(api.operator, [
    'get',
    'secrets',
    '-n',
    'kube-system',
    '--field-selector',
    'type=bootstrap.kubernetes.io/token',
    '-o',
    'name',
  ]);

describe.skipIf(missing.length > 0)(`the join service before a real API server (${NEEDS})`, () => {
  let on: Master;
  beforeAll(async () => {
    on = await master(distributed('http'));
  });
  afterAll(() => on.api.stop());

  /** Status and text of what the handler says to the node of a certificate, as haproxy hands it on. */
  async function join(): Promise<[status: number, text: string]> {
    const { subject, serialNumber, validFrom } = new X509Certificate(
      on.api.store.certificates['nodes/worker-01/join-client']!.certificate,
    );
    const request = [
      'POST /v1/join HTTP/1.1',
      'x-forwarded-for: 192.0.2.7',
      `x-join-name: ${/^CN=(.*)$/m.exec(subject)?.[1] ?? ''}`,
      `x-join-serial: ${serialNumber}`,
      `x-join-not-before: ${new Date(validFrom).toISOString().replace(/\D/g, '').slice(2, 14)}Z`,
      ...['', ''],
    ];
    const { stdout, all } = await on.run('cluster-join.sh', request.join('\r\n'));
    const [, status = '', text = ''] = /^HTTP\/1\.1 (\d+)[^]*?\r\n\r\n([^]*)$/.exec(stdout) ?? [];
    expect(status, all).not.toBe('');
    return [Number(status), text.trim()];
  }
  const tokenOf = (text: string): string => (JSON.parse(text) as { token: string }).token;

  it('makes a token that lets a worker ask for its certificate, and nothing else', async () => {
    const [status, text] = await join();
    expect(status).toBe(200);
    const token = tokenOf(text);
    await eventually(() => seenAs(on, token), `system:bootstrap:${token.slice(0, 6)} ${WORKERS}`);
  });

  it('replaces it when the worker asks again', async () => {
    const first = tokenOf((await join())[1]);
    const second = tokenOf((await join())[1]);
    await eventually(() => seenAs(on, second), `system:bootstrap:${second.slice(0, 6)} ${WORKERS}`);
    expect(seenAs(on, first)).toBe('nobody');
    expect(secretsIn(on).split('\n')).toHaveLength(2);
  });

  it('makes none for a node or a certificate that somebody refused, until it is readmitted', async () => {
    const { serialNumber } = new X509Certificate(on.api.store.certificates['nodes/worker-01/join-client']!.certificate);
    for (const what of ['worker-01', serialNumber]) {
      expect((await on.run('cluster-nodes.sh', '', ['--refuse', what])).all).toBe('');
      expect(await join()).toEqual([403, 'somebody refused this node or its certificate']);
      expect((await on.run('cluster-nodes.sh', '', ['--readmit', what])).all).toBe('');
      expect((await join())[0]).toBe(200);
    }
  });

  it('sees in the certificate itself a user who may do nothing', () => {
    const { certificate, key } = on.api.store.certificates['nodes/worker-01/join-client']!;
    const trust = on.api.store.authorities['kubernetes']!.current.certificate;
    const [crt, pem, ca] = ['crt', 'key', 'ca'].map((name) => path.join(on.api.folder, `joining.${name}`)) as [
      string,
      string,
      string,
    ];
    writeFileSync(crt, certificate);
    writeFileSync(pem, reveal(key));
    writeFileSync(ca, trust);
    const server = `https://127.0.0.1:${String(on.api.cluster.controlPlane.port)}`;
    const flags = [
      `--server=${server}`,
      `--client-certificate=${crt}`,
      `--client-key=${pem}`,
      `--certificate-authority=${ca}`,
    ];
    const manifest = path.join(on.api.folder, 'request.json');
    writeFileSync(manifest, JSON.stringify(REQUEST));
    expect(on.api.attempt('/dev/null', ...flags, 'auth', 'whoami')).toContain('coldstart:joining');
    for (const what of ['get nodes', 'create', 'get secrets']) {
      const asked = on.api.attempt(
        '/dev/null',
        ...flags,
        ...what.split(' '),
        ...(what === 'create' ? ['-f', manifest, '--validate=false'] : ['-A']),
      );
      expect(asked, what).toContain('User "coldstart:joining:worker-01" cannot');
    }
  });

  it('makes none, and ends the last one, once the node is ready', async () => {
    const token = tokenOf((await join())[1]);
    on.api.kubectl(on.api.operator, ['create', '-f', '-'], JSON.stringify(NODE));
    on.api.kubectl(on.api.operator, ['patch', 'node', 'worker-01', '--subresource=status', '-p', READY]);
    expect(await join()).toEqual([409, 'the cluster already has a ready node of this name']);
    expect((await on.run('cluster-nodes.sh')).all).toBe('');
    await eventually(() => seenAs(on, token), 'nobody');
    expect(secretsIn(on)).toBe('');
  });
});

describe.skipIf(missing.length > 0)(`masters with a store before a real API server (${NEEDS})`, () => {
  let on: Master;
  beforeAll(async () => {
    on = await master(distributed('external'));
  });
  afterAll(() => on.api.stop());

  const content = new Map<string, string>();
  const asked: string[] = [];
  async function store(): Promise<void> {
    const { certificate: cert, key } = on.api.store.certificates['nodes/master-01/apiserver']!;
    const server = createServer({ cert, key: reveal(key) }, (request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        asked.push(request.url ?? '');
        content.set(request.url ?? '', body);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    on.write('etc/cluster-config/join.env', `STORE_TYPE=http\nSTORE_URL='https://127.0.0.1:${String(port)}/{node}'\n`);
    on.write('etc/kubernetes/join-store-ca.crt', on.api.store.authorities['kubernetes']!.current.certificate);
    asked.length = 0;
  }
  const stored = (node: string): string => (JSON.parse(content.get(`/${node}`) ?? '{}') as { token: string }).token;

  it('write the tokens that it believes, also when three of them begin at once, and write them once', async () => {
    await store();
    await Promise.all([1, 2, 3].map(() => on.run('cluster-nodes.sh')));
    for (const node of ['worker-01', 'worker-02']) {
      const token = stored(node);
      await eventually(() => seenAs(on, token), `system:bootstrap:${token.slice(0, 6)} ${WORKERS}`);
    }
    asked.length = 0;
    expect((await on.run('cluster-nodes.sh')).all).toBe('');
    expect(asked).toEqual([]);
  });

  it('replace a token that is about to end, all of them by the same one', async () => {
    await store();
    const before = stored('worker-01');
    const soon = new Date(Date.now() + 30_000).toISOString().replace(/\.\d+/, '');
    const ending = JSON.stringify({ stringData: { expiration: soon } });
    const name = `bootstrap-token-${before.slice(0, 6)}`;
    on.api.kubectl(on.api.operator, ['patch', 'secret', '-n', 'kube-system', name, '-p', ending]);
    await Promise.all([1, 2, 3].map(() => on.run('cluster-nodes.sh')));
    const after = stored('worker-01');
    expect(after).not.toBe(before);
    await eventually(() => seenAs(on, after), `system:bootstrap:${after.slice(0, 6)} ${WORKERS}`);
    await eventually(() => seenAs(on, before), 'nobody');
    expect(new Set(asked)).toEqual(new Set(['/worker-01']));
  });
});
