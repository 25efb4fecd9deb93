/**
 * The join service of a master with the real programs of the base layer: haproxy in front, the handler behind a systemd
 * socket, Debian's curl on the worker; all kinds of clients. The API server behind it is a fake;
 * test/image/kubernetes/pki-apiserver.test.ts uses the real one.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Node } from '../../../src/config/cluster.ts';
import { makeAuthority, makeCertificate } from '../../../src/pki/certificates/certificate.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf, type CertificateNeed } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import { rotate } from '../../../src/pki/issue/rotate.ts';
import { reveal, type Secret } from '../../../src/pki/secret.ts';
import type { Store } from '../../../src/pki/store/model.ts';
import { wholeNode } from '../../../src/render/plan/plan.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { withNode } from '../../pki/clusters.ts';
import { ethernet } from '../../render/cluster.ts';
import { JOINING } from '../../render/joining.ts';
import { SOURCES } from '../../render/sources.ts';
import { container, file } from '../containers/container.ts';
import { nodeRoot, type NodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const MAC = '52:54:00:12:34:01';
const LAN = ethernet('lan', MAC, { addresses: ['192.168.50.11/24'] });
const cluster = withNode(JOINING['joining-http'], 'master-01', {
  macs: [MAC],
  interfaces: [LAN],
  ips: ['192.168.50.11'],
});

const NOW = new Date();
const BY = { now: NOW, random: systemRandomness };
const DAY = 86_400_000;

/** A store whose authority of Kubernetes has a predecessor, and the store before that. */
async function rotatedStore(): Promise<readonly [now: Store, before: Store]> {
  const needs = needsOf(cluster);
  const before = (await completeStore(null, needs, BY)).store;
  let { store } = await rotate(before, { kind: 'authorities', id: 'kubernetes', step: 'stage' }, needs, BY);
  ({ store } = await rotate(store, { kind: 'authorities', id: 'kubernetes', step: 'activate' }, needs, BY));
  return [(await completeStore(store, needs, BY)).store, before];
}

/** Certificates with which others try to join, by name. */
async function others(now: Store, before: Store): Promise<FileTree> {
  const joining = 'nodes/worker-01/join-client';
  const need = needsOf(cluster).certificates.find(({ id }) => id === joining) as CertificateNeed;
  const authority = now.authorities['kubernetes']!.current;
  const lasting = (begin: number, end: number) => {
    const at = (days: number): Date => new Date(NOW.getTime() + days * DAY);
    return makeCertificate(need, authority, { notBefore: at(begin), notAfter: at(end) }, systemRandomness);
  };
  const validity = { notBefore: new Date(NOW.getTime() - DAY), notAfter: new Date(NOW.getTime() + DAY) };
  const foreign = (await completeStore(null, needsOf(cluster), BY)).store;
  const pairs: Readonly<Record<string, { readonly certificate: string; readonly key: Secret }>> = {
    foreign: foreign.certificates[joining]!,
    previous: before.certificates[joining]!,
    expired: await lasting(-30, -1),
    early: await lasting(1, 30),
    forged: await makeAuthority(need.subject, validity, systemRandomness),
    kubelet: now.certificates['nodes/worker-01/kubelet']!,
    'kube-proxy': now.certificates['nodes/worker-01/kube-proxy']!,
    admin: now.certificates['operator/admin']!,
    'apiserver-kubelet-client': now.certificates['nodes/master-01/apiserver-kubelet-client']!,
    etcd: now.certificates['nodes/master-01/etcd-healthcheck-client']!,
  };
  return Object.entries(pairs).flatMap(([name, { certificate, key }]) => [
    file(`others/${name}.crt`, certificate, 0o644),
    file(`others/${name}.key`, reveal(key), 0o600),
  ]);
}

/** Both nodes in one root, the worker's files below a folder. */
async function bothNodes(): Promise<FileTree> {
  const [store, before] = await rotatedStore();
  const whole = (name: string): FileTree => {
    const node = cluster.nodes.find((each) => each.name === name) as Node;
    return wholeNode(cluster, node, SOURCES, store);
  };
  const worker = whole('worker-01').filter(({ path }) => /^etc\/(cluster-config|kubernetes)\//.test(path));
  return [
    ...whole('master-01'),
    ...worker.map((entry) => ({ ...entry, path: `worker/${entry.path}` })),
    ...(await others(store, before)),
    file('worker/proc/sys/kernel/random/boot_id', 'made-up\n', 0o644),
    file('usr/local/sbin/join.sh', readFileSync(join(import.meta.dirname, 'join.sh')), 0o755),
  ];
}

/** What join.sh says under a name. */
const resultsOf = (said: string, name: string): string[] =>
  said.split('\n').flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2).trim()] : []));

describe.skipIf(root === null)(
  'the join service with haproxy, in the root of a base layer (needs a base layer)',
  () => {
    let on: NodeRoot;
    let said: string;
    beforeAll(async () => {
      on = nodeRoot(root ?? '', await bothNodes());
      said = on.run('/usr/local/sbin/join.sh').stdout;
    });
    afterAll(() => {
      on.remove();
    });
    const results = (name: string): string[] =>
      said.split('\n').flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2).trim()] : []));

    it.each([
      ['units', ''],
      ['configuration', '0'],
      ['before the service runs', '503'],
      ['joined', '0 600'],
      ['same token', 'yes'],
      ['made for', 'worker-01'],
      ['another path', 'nothing but joining is here 404'],
      ['a name in the path', 'nothing but joining is here 404'],
      ['another method', 'only POST is supported 405'],
      ['a body', 'this is too much 413'],
      ['large headers', 'this is too much 413'],
      ['no certificate', '000alert certificate required'],
      ['of another secrets store', '000alert unknown ca'],
      ['expired', '000alert certificate expired'],
      ['not valid yet', '000alert bad certificate'],
      ['of a server', '000alert unsupported certificate'],
      ['made by itself', '000alert unknown ca'],
      ['kube-proxy', 'this certificate is not for joining 401'],
      ['admin', 'this certificate is not for joining 401'],
      ['apiserver-kubelet-client', 'this certificate is not for joining 401'],
      ['etcd', '000alert unknown ca'],
      ['of the authority before', '200'],
      ['forged headers', '200'],
      ['made for them', 'worker-01'],
      ['refused serial', 'somebody refused this node or its certificate  403'],
      ['refused name', 'somebody refused this node or its certificate  403'],
      ['its ledger', 'join failed join-not-recognised'],
      ['without TLS', '000'],
      ['old TLS', '35'],
      ['by another name', '60'],
      ['slow', '408 after 5 s'],
      ['flood', '200 x many 429 x many'],
      ['told to the flood', 'too many requests from this address 429'],
      ['joined meanwhile', '0'],
    ])('%s: %s', (name, expected) => {
      expect(results(name), said).toEqual([expected]);
    });

    it('logs who asked, as haproxy saw it, and nothing secret', () => {
      const log = results('log');
      expect(log[0]).toMatch(/^worker-01 \(certificate [0-9A-F]{32}\) from 192\.168\.50\.11: 200 was let in$/);
      expect(log.join('\n')).toMatch(/^worker-01 \S+ \S+ from 127\.0\.0\.4: 200 was let in$/m);
      expect(log.join('\n')).toMatch(/^worker-01 \S+ \S+ from 127\.0\.0\.9: 403 somebody refused /m);
      expect(log.join('\n')).not.toMatch(/worker-02|master-01/);
      expect(log.join('\n')).not.toContain('10.9.9.9');
      expect(results('in a log')).toEqual(['0', '0']);
    });
  },
);

const hasContainers = spawnSync('systemd-nspawn', ['--version']).status === 0;

it.skipIf(root === null || !hasContainers)(
  'works as systemd confines it (needs systemd-nspawn and a base layer)',
  async () => {
    const unit = `[Unit]
Before=probe.service
After=cluster-network.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mkdir -p /probe; /usr/local/sbin/join.sh units >/probe/join 2>&1; sync; systemctl poweroff --no-block'
`;
    const path = 'etc/systemd/system/join-test.service';
    const want = { type: 'symlink', target: '../join-test.service', mode: 0o777 } as const;
    const wanted = {
      ...file('', '', 0),
      ...want,
      path: 'etc/systemd/system/multi-user.target.wants/join-test.service',
    };
    const machine = container(
      root ?? '',
      [...(await bothNodes()), file(path, unit, 0o644), wanted],
      null,
      'programs-missing',
    );
    onTestFinished(() => {
      machine.remove();
    });
    const boot = await machine.boot([`eth7=${MAC}`]);
    const said = boot.probe('join');
    const results = (name: string): string[] => resultsOf(said, name);
    expect(results('started'), said + boot.console).toEqual(['active active']);
    expect(results('joined'), said).toEqual(['0 600']);
    expect(results('the service proxy')).toEqual(['this certificate is not for joining 401']);
    // The stand-in for curl does not read what it is told.
    const log = results('log').filter((line) => !line.endsWith('Broken pipe'));
    expect(log).toEqual([expect.stringMatching(/^worker-01 .* from 192\.168\.50\.11: 200 was let in$/)]);
    expect(results('what is left of them')).toEqual(['0']);
  },
);
