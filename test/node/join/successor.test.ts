/**
 * After a rotation of the authority, a worker's kubelet gets a certificate of the successor: real keys, openssl and TLS; the API server and
 * the controller that signs are a stand-in. With real ones: test/masters/rotation.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import { rotate } from '../../../src/pki/issue/rotate.ts';
import { reveal } from '../../../src/pki/secret.ts';
import { bundle, type Authority, type Store } from '../../../src/pki/store/model.ts';
import { lab, withNode } from '../../pki/clusters.ts';
import { machine, type Machine } from '../machine.ts';

const needs = needsOf(withNode(lab, 'master-01', { ips: ['127.0.0.1'] }));
const by = { now: new Date(), random: systemRandomness };
const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const PEM = 'var/lib/kubelet/pki/kubelet-client-current.pem';

async function step(store: Store, name: 'stage' | 'activate'): Promise<Store> {
  const turned = await rotate(store, { kind: 'authorities', id: 'kubernetes', step: name }, needs, by);
  return (await completeStore(turned.store, needs, by)).store;
}
const first = (await completeStore(null, needs, by)).store;
const staged = await step(first, 'stage');
const activated = await step(staged, 'activate');
const authorityOf = (store: Store): Authority => store.authorities['kubernetes']!.current;

/** Signs a request as the controller manager does. */
function sign(request: string, authority: Authority): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-sign-'));
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('ca.crt'), authority.certificate);
  writeFileSync(at('ca.key'), reveal(authority.key));
  writeFileSync(at('csr'), request);
  // Both authorities have the same name; the key's id tells which one signed.
  writeFileSync(at('extensions'), 'authorityKeyIdentifier = keyid\n');
  const by = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-extfile', at('extensions'), '-days', '30'];
  execFileSync('openssl', ['x509', '-req', '-in', at('csr'), ...by, '-out', at('crt')], { stdio: 'ignore' });
  const signed = readFileSync(at('crt'), 'utf8');
  rmSync(folder, { recursive: true });
  return signed;
}

interface Asked {
  /** The subject of the client's certificate, and what it asked for. */
  readonly client: string;
  readonly spec: { readonly request: string; readonly signerName: string; readonly usages: readonly string[] };
}

/** A worker that joined before the rotation, with the image after `activate`. @param signer null for one that never signs */
async function worker(signer: Authority | null): Promise<{ made: Machine; asked: Asked[] }> {
  const asked: Asked[] = [];
  const { certificate, key } = activated.certificates['nodes/master-01/apiserver']!;
  const ca = bundle(activated, 'kubernetes');
  const tls = { cert: certificate, key: reveal(key), ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, (request, response) => {
    void (async () => {
      if (request.method === 'POST') {
        const body = JSON.parse(await text(request)) as { spec: Asked['spec'] };
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        asked.push({ client: String(subject.CN), spec: body.spec });
        return response.writeHead(201).end(JSON.stringify({ metadata: { name: 'csr-1' } }));
      }
      const csr = Buffer.from(asked[0]!.spec.request, 'base64').toString();
      const certificate = signer === null ? undefined : Buffer.from(sign(csr, signer)).toString('base64');
      return response.end(JSON.stringify(request.url === `${REQUESTS}/csr-1` ? { status: { certificate } } : {}));
    })();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const old = await kubeletPair(authorityOf(first));
  const made = await machine({
    env: {
      ...{ NODE_NAME: 'worker-01', NODE_ROLES: 'worker', BOOT_ROLE: 'worker', TOKEN_DISTRIBUTION: 'http' },
      API_PORT: String((server.address() as AddressInfo).port),
    },
    files: { 'etc/kubernetes/pki/ca.crt': ca, [PEM]: old },
  });
  const pem = made.path(PEM);
  await made.write('var/lib/kubelet/kubelet.conf', `client-certificate: ${pem}\nclient-key: ${pem}\n`);
  await made.command('systemctl', `printf '%s\\n' "$*" >>${made.path('systemctl-calls')}`);
  return { made, asked };
}

/** As a kubelet has it. */
function kubeletPair(authority: Authority): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-kubelet-'));
  const key = join(folder, 'key');
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
  const subject = '/O=system:nodes/CN=system:node:worker-01';
  const request = execFileSync('openssl', ['req', '-new', '-key', key, '-subj', subject]).toString();
  const pair = sign(request, authority) + readFileSync(key, 'utf8');
  rmSync(folder, { recursive: true });
  return Promise.resolve(pair);
}

const isOf = async (made: Machine, store: Store): Promise<boolean> =>
  new X509Certificate(await made.read(PEM)).verify(new X509Certificate(authorityOf(store).certificate).publicKey);

it('asks with its present certificate for one of the successor, and the kubelet takes it', async () => {
  const { made, asked } = await worker(authorityOf(activated));
  expect(await isOf(made, activated)).toBe(false);
  expect((await made.bash('load_node; follow_successor')).status).toBe(0);
  expect(asked.map(({ client, spec: { signerName, usages } }) => [client, signerName, usages])).toEqual([
    ['system:node:worker-01', 'kubernetes.io/kube-apiserver-client-kubelet', ['digital signature', 'client auth']],
  ]);
  expect(await isOf(made, activated)).toBe(true);
  const { subject } = new X509Certificate(await made.read(PEM));
  expect(subject.split('\n').toSorted()).toEqual(['CN=system:node:worker-01', 'O=system:nodes']);
  // client-go refuses a present certificate that is no link.
  expect((await lstat(made.path(PEM))).isSymbolicLink()).toBe(true);
  execFileSync('openssl', ['pkey', '-in', made.path(PEM), '-noout']);
  expect(await made.read('systemctl-calls')).toContain('try-restart --no-block kubelet');
  expect(await made.steps()).toEqual(['join running', 'join done']);
  expect((await made.bash('load_node; follow_successor')).status).toBe(0);
  expect(asked).toHaveLength(1);
});

it.each([
  ['the masters still sign with the predecessor', authorityOf(first)],
  ['no master signs', null],
])('keeps the certificate that it has where %s', async (_, signer) => {
  const { made } = await worker(signer);
  const before = await made.read(PEM);
  expect((await made.bash('load_node; COLDSTART_DEADLINE=1 follow_successor')).status).toBe(0);
  expect(await made.read(PEM)).toBe(before);
  expect((await made.steps()).at(-1)).toBe('join done certificate-of-predecessor');
  expect((await made.bash(`ls ${made.path('var/lib/kubelet/pki')}`)).output).toBe('kubelet-client-current.pem');
});

it('asks for nothing where no authority was replaced, or the successor signs nothing yet', async () => {
  for (const store of [first, staged]) {
    const { made, asked } = await worker(authorityOf(first));
    await made.write('etc/kubernetes/pki/ca.crt', bundle(store, 'kubernetes'));
    expect((await made.bash('load_node; follow_successor')).status).toBe(0);
    expect([asked, await made.steps()]).toEqual([[], []]);
  }
});
