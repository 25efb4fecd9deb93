/**
 * A whole first boot of the rendered tree under the real systemd, in a container: identity, network, state disk,
 * ledger, login prompt; a wrong machine and a foreign disk; a second boot; a power cut.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import type { Node } from '../../../src/config/cluster.ts';
import { renderNode, wholeNode } from '../../../src/render/plan/plan.ts';
import { storeOf } from '../../pki/clusters.ts';
import { cluster, ethernet, noDisk, node } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { container, type Boot, type Container } from '../containers/container.ts';
import { containerd2, NEEDS, withContainerd2 } from '../containers/containerd-2.ts';
import { testRoot } from '../containers/root.ts';

const root = spawnSync('systemd-nspawn', ['--version']).status === 0 ? await testRoot() : null;
const GIB = 1024 ** 3;
const MAC = '52:54:00:12:34:01';
const CARD = `eth7=${MAC}`;
const OTHER = 'eth1=52:54:00:12:34:99';

const MASTER = node('master-01', 1, {
  ...{ roles: ['master'], bootRole: 'master-first', macs: [MAC], ips: ['192.168.50.11'] },
  interfaces: [ethernet('lan', MAC, { addresses: ['192.168.50.11/24'] })],
});

let booted: Container | undefined;
afterEach(() => {
  booted?.remove();
});

/** `master-01`, with or without a state disk, in a container. */
function machine(of: Partial<Node> = {}, diskSize: number | null = null): Container {
  const subject = { ...MASTER, ...of };
  const tree = renderNode(cluster({ nodes: [subject, node('worker-01', 2)] }), subject, SOURCES);
  booted = container(root ?? '', tree, diskSize);
  return booted;
}

/** The same with its keys, in an image that has no programs of Kubernetes; ends when the node has said `cause`. */
async function machineWithKeys(delivery: 'embedded' | 'first-boot', cause: string): Promise<Container> {
  const base = cluster();
  const of = cluster({ kubernetes: { ...base.kubernetes, delivery }, nodes: [MASTER, node('worker-01', 2)] });
  const tree = wholeNode(of, MASTER, SOURCES, await storeOf(of));
  booted = container(root ?? '', tree, null, cause);
  return booted;
}

const withDisk = { stateDisk: { ...noDisk, path: '/dev/test-disk' } };
const lines = (text: string): string[] => text.trimEnd().split('\n');
const active = (boot: Boot): Record<string, string> =>
  Object.fromEntries(lines(boot.probe('active')).map((line) => line.split(' '))) as Record<string, string>;
const UP = [
  'network done',
  'bootstrap running',
  'time skipped time-service-missing',
  'bootstrap skipped formation-not-available',
];
const without = (steps: readonly string[], step: string): string[] =>
  steps.filter((line) => !line.startsWith(`${step} `));

describe.skipIf(root === null)('a machine that is the node', () => {
  test('comes up as the node, without a state disk', async () => {
    const boot = await machine().boot([OTHER, CARD]);
    expect(boot.probe('failed')).toBe('');
    expect(boot.probe('hostname')).toBe('master-01.lab.example\n');
    expect(without(boot.steps(), 'state').filter((line) => !line.startsWith('network waiting'))).toEqual([
      ...['detect running', 'detect done', ...UP],
    ]);
    expect(boot.steps()).toContain('state done no-state-disk');
    expect(active(boot)).toMatchObject({
      ...{ ssh: 'active', NetworkManager: 'active', containerd: 'active', etcd: 'inactive' },
      ...{ 'systemd-logind': 'active', 'cluster-bootstrap': 'active' },
    });
    const addresses = JSON.parse(boot.probe('addresses.json')) as { ifname: string; addr_info: { local: string }[] }[];
    const found = addresses.find(({ addr_info }) => addr_info.some(({ local }) => local === '192.168.50.11'));
    expect(found?.ifname).toBe('eth7');
  });

  test('says at the login prompt and in status.json what it is', async () => {
    const boot = await machine().boot([CARD]);
    expect(boot.console).toMatch(/^master-01 login: /m);
    expect(boot.console).toContain('Image of node master-01 of cluster lab');
    expect(lines(boot.probe('issue.d/50-cluster.issue'))[0]).toBe(
      'coldstart: node master-01 of cluster lab, master-first, uninitialized, ok',
    );
    expect(JSON.parse(boot.probe('cluster/status.json'))).toMatchObject({
      ...{ cluster: 'lab', node: 'master-01', boot_role: 'master-first', state: 'uninitialized', health: 'ok' },
    });
    expect(lines(boot.probe('status'))[0]).toBe('Node: master-01 of cluster lab, master-first');
  });
});

const programs = root === null ? null : containerd2();
test.skipIf(programs === null)(`upstream's containerd runs in the place of Debian's (${NEEDS})`, async () => {
  const of = withContainerd2(cluster({ nodes: [MASTER, node('worker-01', 2)] }));
  booted = container(root ?? '', [...renderNode(of, MASTER, SOURCES), ...(programs ?? [])], null);
  const boot = await booted.boot([CARD]);
  expect([boot.probe('failed'), active(boot)]).toMatchObject(['', { containerd: 'active' }]);
  expect(boot.probe('containerd')).toMatch(/^Server:\n +Version: +2\./m);
});

describe.skipIf(root === null)('a state disk', () => {
  test('is made at the first boot, used at the second, and keeps the ledger of both', async () => {
    const on = machine(withDisk, 20 * GIB);
    const first = await on.boot([CARD]);
    expect(first.probe('failed')).toBe('');
    expect(first.probe('var')).toBe('ext4\n');
    expect(first.steps().slice(0, 5)).toEqual([
      ...['detect running', 'detect done', 'disk running', 'disk running', 'disk done'],
    ]);
    expect(first.probe('state/bootstrap-state')).toBe('uninitialized\n');
    expect(first.probe('state/node-role')).toBe('master-first\n');
    expect(first.probe('state/ledger.jsonl')).toBe(first.probe('cluster/ledger.jsonl'));

    const second = await on.boot([CARD]);
    expect(second.probe('failed')).toBe('');
    expect(second.steps().slice(0, 4)).toEqual(['detect running', 'detect done', 'disk running', 'disk done']);
    expect(second.probe('state/ledger.jsonl')).toBe(
      first.probe('state/ledger.jsonl') + second.probe('cluster/ledger.jsonl'),
    );
  });

  test('that holds something foreign is refused, and the machine can be logged in to', async () => {
    const on = machine(withDisk, 20 * GIB);
    const file = openSync(on.disk, 'r+');
    writeSync(file, 'precious', 600_000);
    closeSync(file);
    const boot = await on.boot([CARD]);
    expect(boot.steps()).toEqual(
      expect.arrayContaining(['disk failed foreign-disk', 'state failed state-disk-missing']),
    );
    expect(boot.steps().filter((line) => line.startsWith('bootstrap'))).toEqual([]);
    expect(lines(boot.probe('failed'))).toEqual(['cluster-disk.service', 'cluster-state.service']);
    expect(active(boot)).toMatchObject({ ssh: 'active', NetworkManager: 'active', 'systemd-logind': 'active' });
    expect(boot.console).toMatch(/^master-01 login: /m);
    expect(boot.console).toContain('contains data that does not belong to this node; it was not changed');
  });

  test.each([1, 2, 3, 4])('survives a power cut after about %i s', async (seconds) => {
    const on = machine(withDisk, 20 * GIB);
    await on.boot([CARD], seconds);
    const boot = await on.boot([CARD]);
    expect(boot.probe('failed')).toBe('');
    expect(boot.probe('var')).toBe('ext4\n');
    expect(boot.steps()).toEqual(expect.arrayContaining(['disk done', 'state done', ...UP]));
  });
});

describe.skipIf(root === null)('a cable', () => {
  test('that is plugged in long after the boot is waited for, with the login prompt there already', async () => {
    const boot = await machine().boot([`${CARD}@75`], 180);
    const steps = boot.steps().filter((line) => /^(network|bootstrap) /.test(line));
    // Whoever is slow to boot sees the step fail more often before the cable comes.
    expect(steps.filter((line, index) => line !== steps[index - 1])).toEqual([
      ...['network waiting address-missing', 'network failed address-missing', 'network done'],
      ...['bootstrap running', 'bootstrap skipped formation-not-available'],
    ]);
    expect(boot.probe('failed')).toBe('');
    const prompt = boot.console.indexOf('master-01 login: ');
    expect(prompt).toBeGreaterThan(0);
    expect(prompt).toBeLessThan(boot.console.indexOf('network done'));
    expect(boot.console).toContain(`not up: 192.168.50.11\n    ${MAC} (eth7): no link`);
  });
});

describe.skipIf(root === null)('a machine with its keys, but without the programs of Kubernetes', () => {
  test('says that the image lacks them, and tries again at its leisure', async () => {
    const on = await machineWithKeys('embedded', 'programs-missing');
    const boot = await on.boot([CARD], 300);
    // By the time that the probe looks, the next try may have begun.
    expect(
      boot
        .steps()
        .filter((line) => /^(artifacts|bootstrap) /.test(line))
        .slice(0, 2),
    ).toEqual(['bootstrap running', 'bootstrap failed programs-missing']);
    expect(boot.probe('failed')).toBe('');
    expect(active(boot)).toMatchObject({ 'cluster-bootstrap': 'activating', etcd: 'inactive', ssh: 'active' });
    expect(boot.console).toContain('bootstrap failed (programs-missing): not in this image: kube-apiserver');
    expect(boot.console).toContain('what to do: see the step artifacts');
    expect(boot.console).toMatch(/^master-01 login: /m);
    expect(JSON.parse(boot.probe('cluster/status.json'))).toMatchObject({ state: 'uninitialized' });
  });

  test('says which program it cannot fetch and from where, and the bootstrap waits for it', async () => {
    const on = await machineWithKeys('first-boot', 'artifact-unreachable');
    const boot = await on.boot([CARD], 400);
    const steps = boot.steps().filter((line) => /^(artifacts|bootstrap) /.test(line));
    const attempt = steps.slice(0, steps.findIndex((line) => line.includes(' failed ')) + 1);
    expect(attempt[0]).toBe('artifacts running');
    expect(attempt.at(-1)).toBe('artifacts failed artifact-unreachable');
    // In between it says that it tries, and why that came to nothing.
    expect(attempt.filter((line) => line === 'artifacts waiting artifact-unreachable').length).toBeGreaterThan(2);
    expect(attempt.every((line) => line.startsWith('artifacts '))).toBe(true);
    expect(boot.probe('failed')).toBe('');
    expect(active(boot)).toMatchObject({ 'cluster-bootstrap': 'inactive', etcd: 'inactive', ssh: 'active' });
    expect(boot.console).toMatch(
      /artifacts failed \(artifact-unreachable\): digest of kube\S+ cannot be downloaded from https/,
    );
    expect(boot.console).toContain('what to do: see the step network');
    expect(boot.console).toMatch(/^master-01 login: /m);
  });
});

describe.skipIf(root === null)('another machine', () => {
  test('stops with a report, and touches neither the network nor the disk', async () => {
    const on = machine(withDisk, 20 * GIB);
    const boot = await on.boot([OTHER]);
    expect(boot.steps()).toEqual(['detect running', 'detect waiting no-matching-nic', 'detect failed no-matching-nic']);
    expect(boot.probe('hostname')).toBe('unidentified\n');
    expect(active(boot)).toMatchObject({ NetworkManager: 'inactive', 'cluster-bootstrap': 'inactive' });
    const cmp = spawnSync('cmp', ['-s', '-n', '2097152', on.disk, '/dev/zero']);
    expect(cmp.status).toBe(0);
    expect(boot.console).toMatch(/^unidentified login: /m);
    expect(boot.console).toContain(`nearest address: ${MAC} of master-01 (2 digits differ)`);
  });
});
