/**
 * The join service of a master: the real handler, started by systemd for each connection, behind TLS with the
 * certificate of the master. A stand-in with the TLS settings of haproxy's configuration replaces haproxy; the real one
 * is in test/image/kubernetes/join.test.ts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Cluster, Node } from '../../../src/config/cluster.ts';
import { nodeSecrets } from '../../pki/node-secrets.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
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
const store = await storeFrom(new Date());

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
  const read = (name: string): Promise<string> => master.read(`etc/kubernetes/pki/join-server.${name}`);
  const front = createServer({ cert: await read('crt'), key: await read('key') }, (client) => {
    const back = connect(socket);
    client.pipe(back).pipe(client);
    for (const end of [client, back]) end.on('error', () => (client.destroy(), back.destroy()));
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
