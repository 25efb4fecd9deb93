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
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
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

/** Both nodes in one root, the worker's files below a folder. */
async function bothNodes(): Promise<FileTree> {
  const { store } = await completeStore(null, needsOf(cluster), { now: new Date(), random: systemRandomness });
  const whole = (name: string): FileTree => {
    const node = cluster.nodes.find((each) => each.name === name) as Node;
    return wholeNode(cluster, node, SOURCES, store);
  };
  const worker = whole('worker-01').filter(({ path }) => /^etc\/(cluster-config|kubernetes)\//.test(path));
  return [
    ...whole('master-01'),
    ...worker.map((entry) => ({ ...entry, path: `worker/${entry.path}` })),
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
      ['another path', 'nothing but joining is here 404'],
      ['another method', 'only GET and POST are supported 405'],
      ['too large', 'this is too much 413'],
      ['large headers', 'this is too much 413'],
      [
        'wrong proof',
        'this challenge was used, is older than a minute, or is not from this master; ask for another one  410',
      ],
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
      expect(log.slice(0, 2)).toEqual([
        'worker-01 from 192.168.50.11: 200 asked',
        'worker-01 from 192.168.50.11: 200 was let in',
      ]);
      expect(log).toContain('worker-02 from 127.0.0.4: 200 asked');
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
    expect(results('wrong proof')).toEqual(['this is not the proof of a node of this cluster  401']);
    expect(results('log')).toEqual([
      'worker-01 from 192.168.50.11: 200 asked',
      'worker-01 from 192.168.50.11: 200 was let in',
      'worker-01 from 127.0.0.3: 200 asked',
      'worker-01 from 127.0.0.3: 401 this is not the proof of a node of this cluster',
    ]);
    expect(results('what is left of them')).toEqual(['0']);
  },
);
