/** Three real etcd members, which refuse all clients and peers without a certificate from the store. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../pki/node-secrets.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import { large } from '../../pki/clusters.ts';
import { isInstalled, run, scratch, writeFiles } from '../../pki/oracle.ts';
import { ETCDCTL, missingEtcd, startEtcd, type Etcd } from './etcd.ts';

const folder = scratch();
const MASTERS = ['master-01', 'master-02', 'master-03'];
const missing = [...missingEtcd, ...['openssl'].filter((command) => !isInstalled(command))];

describe.skipIf(missing.length > 0)('etcd with our certificates (needs a base layer with etcd, and openssl)', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    const by = { now: new Date(), random: systemRandomness };
    const { store } = await completeStore(null, needsOf(large), by);
    for (const node of large.nodes) writeFiles(join(folder.path, node.name), nodeSecrets(store, large, node));
    etcd = await startEtcd(MASTERS.map((name) => ({ name, root: join(folder.path, name) })));
  }, 60_000);
  afterAll(async () => {
    await etcd?.stop();
    folder.remove();
  });

  const pki = (node: string, name: string): string => join(folder.path, node, 'etc/kubernetes/pki', name);

  it('forms a cluster of three over TLS', () => {
    const members = etcd.ctl('member', 'list').trim().split('\n');
    expect(members.map((line) => line.split(', ')[2]).toSorted()).toEqual(MASTERS);
    expect(members.every((line) => line.includes(', started, '))).toBe(true);
  });

  it('serves the API server by its own certificate', () => {
    const identity = [
      pki('master-02', 'etcd/ca.crt'),
      pki('master-02', 'apiserver-etcd-client.crt'),
      pki('master-02', 'apiserver-etcd-client.key'),
    ];
    const [ca, cert, key] = identity as [string, string, string];
    const flags = ['--cacert', ca, '--cert', cert, '--key', key, '--endpoints', etcd.endpoints[2]!];
    expect(run(ETCDCTL, [...flags, 'put', 'a', 'b'])).toBe('OK\n');
    expect(etcd.ctl('get', 'a')).toBe('a\nb\n');
  });

  it('turns away a certificate of the Kubernetes authority, and a client without one', () => {
    const attempt = (...identity: string[]): string => {
      const flags = ['--cacert', pki('master-01', 'etcd/ca.crt'), '--command-timeout', '2s', ...identity];
      try {
        return run(ETCDCTL, ['--endpoints', etcd.endpoints[0]!, ...flags, 'get', 'a']);
      } catch {
        return 'refused';
      }
    };
    const foreign = ['--cert', pki('worker-01', 'kubelet.crt'), '--key', pki('worker-01', 'kubelet.key')];
    const near = [
      '--cert',
      pki('master-01', 'apiserver-kubelet-client.crt'),
      '--key',
      pki('master-01', 'apiserver-kubelet-client.key'),
    ];
    const right = [
      '--cert',
      pki('master-01', 'etcd/healthcheck-client.crt'),
      '--key',
      pki('master-01', 'etcd/healthcheck-client.key'),
    ];
    expect([attempt(), attempt(...foreign), attempt(...near), attempt(...right)]).toEqual([
      ...['refused', 'refused', 'refused', 'a\nb\n'],
    ]);
  });
});
