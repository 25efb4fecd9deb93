/** The real containerd 2 with the files that nodes get for it: it knows each setting, starts, and makes roots of containers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { CONTAINERD_2 } from '../../render/containerd-2.ts';
import { SOURCES } from '../../render/sources.ts';
import { containerd2, NEEDS } from '../containers/containerd-2.ts';
import { nodeRoot, type NodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const programs = root === null ? null : containerd2();
const FINE = { status: 0, stderr: '' };

describe.skipIf(programs === null)(`containerd 2 (${NEEDS})`, () => {
  let on: NodeRoot;
  beforeAll(() => {
    const worker = CONTAINERD_2.nodes.find(({ registries }) => registries.length > 0);
    if (worker === undefined) throw new Error('no node has credentials');
    on = nodeRoot(root ?? '', [...renderNode(CONTAINERD_2, worker, SOURCES), ...(programs ?? [])]);
  });
  afterAll(() => {
    on.remove();
  });

  test('loads its configuration without a warning', () => {
    const { status, stderr, stdout } = on.run('containerd', ['config', 'dump']);
    // 2.3 has a newer form, which 2.2 does not know.
    const warnings = stderr
      .split('\n')
      .filter((line) => line !== '' && !line.includes('Configuration migrated from version 3'));
    expect({ status, warnings }).toEqual({ status: 0, warnings: [] });
    for (const line of [
      "sandbox = 'registry.k8s.io/pause:3.10.2'",
      "config_path = '/etc/containerd/certs.d'",
      "bin_dirs = ['/usr/lib/cni']",
      "default_runtime_name = 'runc'",
      'SystemdCgroup = true',
      "path = '/var/lib/containerd/opt'",
      `password = 'made "up"'`,
    ])
      expect(stdout).toContain(line);
    expect(stdout).toContain(`registry.configs.'[fd00::1]:5000'.auth]`);
  });

  test('is the containerd of the unit', () => {
    const verify = 'systemd-analyze --man=no verify containerd.service && which containerd runc ctr';
    const { status, stdout, stderr } = on.run('bash', ['-c', verify]);
    expect({ status, stderr }).toEqual(FINE);
    expect(stdout.split('\n').slice(0, -1)).toEqual(
      ['containerd', 'runc', 'ctr'].map((name) => `/usr/local/bin/${name}`),
    );
  });

  test('starts, with all of its CRI, and finds only one setting deprecated: credentials have no other place', () => {
    const script = `containerd >/run/log 2>&1 &
      for _ in {1..300}; do ctr version >/dev/null 2>&1 && break; sleep 0.1; done
      ctr plugins ls | awk '$1 ~ /[.]cri[.]/ || $2 == "cri" { print $1, $2, $NF }' | sort
      ctr deprecations list --format json | grep -o 'deprecation/[^"]*'
      grep 'level=\\(error\\|fatal\\)' /run/log | grep -v 'no network config found'`;
    const lines = on.run('bash', ['-c', script]).stdout.split('\n').slice(0, -1);
    // This machine may have cgroup v1; nodes have v2.
    expect(lines.filter((line) => line !== 'deprecation/cgroup-v1')).toEqual([
      ...['images', 'runtime'].map((name) => `io.containerd.cri.v1 ${name} ok`),
      'io.containerd.grpc.v1 cri ok',
      'deprecation/cri-registry-configs',
    ]);
  });

  test('makes a root of a container, in memory', () => {
    const script = readFileSync(join(import.meta.dirname, 'volatile-containers.sh'), 'utf8');
    const mounted = 'mkdir -p /var/lib/containerd; mount -t tmpfs tmpfs /var/lib/containerd';
    expect(on.run('bash', ['-c', `${mounted}\n${script}`])).toMatchObject({ status: 0, stdout: 'below\n' });
  });
});
