/** Real etcd members on the loopback address, each with the files of one node, with TLS for all connections. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../boot/free-port.ts';
import { isInstalled, run } from '../../pki/oracle.ts';
import { testRoot } from '../containers/root.ts';

/** As in a node's base layer; Debian's own package would start a service on this machine. */
const PROGRAMS = join((await testRoot()) ?? '/nowhere', 'usr/bin');
const ETCD = join(PROGRAMS, 'etcd');
export const ETCDCTL = join(PROGRAMS, 'etcdctl');
/** For the names of tests that are skipped. */
export const missingEtcd: readonly string[] = [ETCD, ETCDCTL].every(isInstalled) ? [] : ['a base layer with etcd'];

interface Member {
  readonly name: string;
  /** The root of the node's files. */
  readonly root: string;
}

export interface Etcd {
  readonly endpoints: readonly string[];
  /** etcdctl with the health-check certificate of the first member. */
  ctl(...args: string[]): string;
  stop(): Promise<void>;
}

/** Starts a cluster and returns once all members are healthy. @throws Error with their last words when they are not */
export async function startEtcd(members: readonly Member[]): Promise<Etcd> {
  const urls = await Promise.all(
    members.map(
      async () => [`https://127.0.0.1:${await freePort()}`, `https://127.0.0.1:${await freePort()}`] as const,
    ),
  );
  const initial = members.map(({ name }, index) => `${name}=${urls[index]![1]}`).join(',');
  const started = members.map((member, index) => launch(member, urls[index]!, initial));
  const endpoints = urls.map(([client]) => client);
  const pki = join(members[0]!.root, 'etc/kubernetes/pki/etcd');
  const identity = ['--cacert', join(pki, 'ca.crt'), '--cert', join(pki, 'healthcheck-client.crt')];
  const flags = [...identity, '--key', join(pki, 'healthcheck-client.key'), '--endpoints', endpoints.join(',')];
  const ctl = (...args: string[]): string => run(ETCDCTL, [...flags, ...args]);
  const stop = async (): Promise<void> => void (await Promise.all(started.map(({ child }) => end(child))));
  for (let tries = 0; ; tries++) {
    try {
      ctl('endpoint', 'health');
      return { endpoints, ctl, stop };
    } catch (error) {
      if (tries < 40) await delay(250);
      else {
        await stop();
        throw new Error(`etcd is not healthy:\n${started.map(({ words }) => words()).join('\n')}`, { cause: error });
      }
    }
  }
}

function launch({ name, root }: Member, [client, peer]: readonly [string, string], initial: string) {
  const pki = join(root, 'etc/kubernetes/pki/etcd');
  const flags = {
    ...{ name, 'data-dir': join(root, 'etcd-data'), 'initial-cluster': initial, 'initial-cluster-state': 'new' },
    ...{ 'listen-client-urls': client, 'advertise-client-urls': client },
    ...{ 'listen-peer-urls': peer, 'initial-advertise-peer-urls': peer },
    ...{ 'cert-file': join(pki, 'server.crt'), 'key-file': join(pki, 'server.key') },
    ...{ 'peer-cert-file': join(pki, 'peer.crt'), 'peer-key-file': join(pki, 'peer.key') },
    ...{ 'trusted-ca-file': join(pki, 'ca.crt'), 'peer-trusted-ca-file': join(pki, 'ca.crt') },
    ...{ 'client-cert-auth': 'true', 'peer-client-cert-auth': 'true' },
  };
  return background(ETCD, flags);
}

/** A server that runs on, and the last lines that it said. */
export function background(command: string, flags: Readonly<Record<string, string>>) {
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      lines.push(...chunk.split('\n'));
      lines.splice(0, lines.length - 30);
    });
  }
  return { child, words: () => lines.join('\n') };
}

/** Ends a server and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await once(child, 'exit');
  clearTimeout(timer);
}
