/**
 * A real NetworkManager brings up nodes of one cluster in two networks with a router in between (kernel namespaces): each reaches the
 * other's network with the key file that is rendered for it, and is reached from there.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Cluster } from '../../../src/config/cluster.ts';
import { loadCluster } from '../../../src/config/load.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { SOURCES } from '../../render/sources.ts';
import { networkManagerScript } from './networkmanager.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const SCRIPT = networkManagerScript('two-racks.sh');
const MACS = { master: '52:54:00:12:00:01', worker: '52:54:00:12:00:02' };
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ admin@example';

/** The master's network is closed: it has a route to the rack instead of a gateway. */
async function racks(): Promise<Cluster> {
  const machine = (mac: string) => ({ hardware: { mac_addresses: [mac], state_disk: { serial: mac.slice(-2) } } });
  const definition = {
    cluster: {
      name: 'racks',
      networking: {
        ...{ node_cidr: '10.0.0.0/24', gateway: 'none', routes: [{ to: '10.1.0.0/16', via: '10.0.0.9' }] },
        ...{ dns: ['10.0.0.9'], pod_cidr: '10.244.0.0/16', cni: 'none' },
      },
      users: [{ name: 'admin', ssh_keys: [KEY] }],
    },
    nodes: [
      { name: 'master', ip: '10.0.0.11', roles: ['master'], ...machine(MACS.master) },
      {
        ...{ name: 'worker', ip: '10.1.0.21', roles: ['worker'], ...machine(MACS.worker) },
        network: { node_cidr: '10.1.0.0/24', gateway: '10.1.0.1', routes: [] },
      },
    ],
  };
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-racks-'));
  try {
    writeFileSync(join(folder, 'cluster.yaml'), stringify(definition));
    const { value, diagnostics } = await loadCluster(folder);
    expect(diagnostics).toEqual([]);
    return value as Cluster;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bringUp(name: keyof typeof MACS, ...network: readonly string[]): Promise<string[]> {
  const cluster = await racks();
  const node = cluster.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(name);
  const on = nodeRoot(root ?? '', renderNode(cluster, node, SOURCES));
  try {
    const command = 'cat >/run/up.sh && exec bash /run/up.sh "$@"';
    const { status, stdout, stderr } = on.run('bash', ['-c', command, 'up', MACS[name], ...network], SCRIPT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trim().split(/\s*\n\s*/);
  } finally {
    on.remove();
  }
}

describe.skipIf(root === null)('nodes in two networks', () => {
  test('a worker in a rack of its own reaches the masters over the gateway of the rack', async () => {
    const up = await bringUp('worker', '10.1.0.21', '10.1.0.1/24', '10.0.0.11/24', '10.0.0.9/24');
    expect(up[0]).toMatch(/^10\.0\.0\.11 via 10\.1\.0\.1 dev lan0 src 10\.1\.0\.21/);
    expect(up.slice(1)).toEqual(['hears the other network', 'is heard there']);
  });

  test('a master without a gateway reaches the rack by its route', async () => {
    const up = await bringUp('master', '10.0.0.11', '10.0.0.9/24', '10.1.0.21/24', '10.1.0.1/24');
    expect(up[0]).toMatch(/^10\.1\.0\.21 via 10\.0\.0\.9 dev lan0 src 10\.0\.0\.11/);
    expect(up.slice(1)).toEqual(['hears the other network', 'is heard there']);
  });
});
