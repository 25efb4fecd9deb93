/**
 * The join service of a master: the real handler, started by systemd for each connection, behind TLS with the
 * certificates of both sides. A stand-in that hands on what is in the client's certificate replaces haproxy; the real
 * one, and what it refuses, is in test/image/kubernetes/join.test.ts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Cluster, Node } from '../../../src/config/cluster.ts';
import { nodeSecrets } from '../../pki/node-secrets.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import { rotate } from '../../../src/pki/issue/rotate.ts';
import { reveal } from '../../../src/pki/secret.ts';
import type { Store } from '../../../src/pki/store/model.ts';
import { lab, withNode } from '../../pki/clusters.ts';
import { api, type Api } from './kubectl.ts';
import { machine, OVERLAY, type Machine } from '../machine.ts';

const cluster: Cluster = withNode({ ...lab, bootstrap: { ...lab.bootstrap, tokenDistribution: 'http' } }, 'master-01', {
  ips: ['127.0.0.1'],
});

/** What was made for a cluster of these nodes at that time. */
export const storeFrom = (now: Date): Promise<Store> =>
  completeStore(null, needsOf(cluster), { now, random: systemRandomness }).then(({ store }) => store);
/** Longer ago than a node may wait before it joins. */
const BUILT = new Date(Date.now() - 3 * 3_600_000);
const store = await storeFrom(BUILT);

/** Gives a worker a certificate that is made now. */
export async function renewCertificate(worker: Machine): Promise<void> {
  const by = { now: new Date(), random: systemRandomness };
  const id = 'nodes/worker-01/join-client';
  const rotated = await rotate(store, { kind: 'certificates', id }, needsOf(cluster), by);
  const made = (await completeStore(rotated.store, needsOf(cluster), by)).store.certificates[id]!;
  await worker.write('etc/kubernetes/pki/join-client.crt', made.certificate);
  await worker.write('etc/kubernetes/pki/join-client.key', reveal(made.key));
}

export const SYSTEMD_SOCKET_ACTIVATE = '/usr/bin/systemd-socket-activate';

const ENV = { ...{ TOKEN_DISTRIBUTION: 'http', TOKEN_TTL: '3600', API_PORT: '6443' }, MASTER_IPS: '127.0.0.1' };

/** A node with the files that the secrets store gives it. */
async function nodeNamed(name: string, env: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const node = cluster.nodes.find((each) => each.name === name) as Node;
  const files = nodeSecrets(store, cluster, node).map(({ path, content }) => [path, Buffer.from(content).toString()]);
  return machine({
    env: { ...ENV, NODE_NAME: name, NODE_ROLES: node.roles.join(' '), BOOT_ROLE: node.bootRole, ...env },
    files: Object.fromEntries(files) as Record<string, string>,
  });
}

/** As haproxy makes them: ssl_c_s_dn(CN), ssl_c_serial in hexadecimal, ssl_c_notbefore. */
const headersOf = (of: PeerCertificate): Record<string, string> => ({
  'x-forwarded-for': '192.0.2.7',
  'x-join-name': String(of.subject.CN),
  'x-join-serial': of.serialNumber,
  'x-join-not-before': `${new Date(of.valid_from).toISOString().replace(/\D/g, '').slice(2, 14)}Z`,
});

export interface JoinService {
  readonly master: Machine;
  readonly api: Api;
  readonly port: number;
  /** What the handler has logged so far. */
  readonly log: () => string;
}

/** Runs until the end of the test. */
export async function joinService(): Promise<JoinService> {
  const master = await nodeNamed('master-01');
  const socket = master.path('join.sock');
  const handler = join(OVERLAY, 'usr/local/bin/cluster-join.sh');
  const env = [`COLDSTART_ROOT=${master.root}`, `PATH=${master.path('commands')}:/usr/bin:/bin`];
  const flags = ['--accept', '--inetd', `--listen=${socket}`, ...env.map((pair) => `--setenv=${pair}`)];
  const child = spawn(SYSTEMD_SOCKET_ACTIVATE, [...flags, handler], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  const end = performance.now() + 20_000;
  while (!said.includes('Listening on')) {
    // the socket is there a moment before
    if (performance.now() > end || child.exitCode !== null)
      throw new Error(`the join service does not listen: ${said}`);
    await delay(20);
  }
  const read = (name: string): Promise<string> => master.read(`etc/kubernetes/pki/${name}`);
  const [cert, key, ca] = await Promise.all(['join-server.crt', 'join-server.key', 'ca.crt'].map(read));
  const front = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, (asked, answer) => {
    if (!(asked.socket as TLSSocket).authorized) return void answer.writeHead(401).end('unknown authority');
    const shown = (asked.socket as TLSSocket).getPeerCertificate();
    const { method, url: path } = asked;
    const back = request({ socketPath: socket, method, path, headers: headersOf(shown) }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502);
      reply.pipe(answer);
    });
    back.on('error', () => answer.writeHead(502).end());
    back.end();
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    front.close();
    child.kill();
  });
  return { master, api: await api(master), port: (front.address() as AddressInfo).port, log: () => said };
}

/** A worker that knows the port. */
export async function joiningWorker(port: number, env: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const made = await nodeNamed('worker-01', env);
  await made.write('etc/cluster-config/join.env', `JOIN_PORT="${String(port)}"\n`);
  await made.command('systemctl', `printf '%s\\n' "$*" >>${made.path('systemctl-calls')}`);
  return made;
}
