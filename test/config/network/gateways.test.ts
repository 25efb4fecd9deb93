/** A gateway outside of the subnet may be set for the cluster, a node and an interface, and reaches the interface. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadCluster } from '../../../src/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'coldstart-gateways-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Said {
  readonly gateway: readonly string[];
  readonly routes?: readonly object[];
}

/** A cluster of one node, with the gateway at one of the three levels and `none` at those above. */
async function load(level: 'cluster' | 'node' | 'interface', said: Said) {
  const at = (here: typeof level) => (level === here ? said : {});
  const nic = {
    name: 'lan',
    mac: '52:54:00:12:34:01',
    addresses: ['192.168.50.11/24', 'fd00:50::11/64'],
    ...at('interface'),
  };
  const definition = {
    cluster: {
      name: 'lab',
      networking: {
        node_cidr: ['192.168.50.0/24', 'fd00:50::/64'],
        ...(level === 'cluster' ? {} : { gateway: 'none' }),
        dns: ['192.168.50.1'],
        pod_cidr: ['10.244.0.0/16', 'fd00:42::/56'],
        service_cidr: ['10.96.0.0/12', 'fd00:43::/112'],
        ...at('cluster'),
      },
      users: [
        {
          name: 'admin',
          ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ admin@example'],
        },
      ],
    },
    nodes: [
      {
        name: 'solo',
        ip: ['192.168.50.11', 'fd00:50::11'],
        roles: ['master', 'worker'],
        hardware: { mac_addresses: ['52:54:00:12:34:01'], state_disk: { serial: 'state' } },
        ...(level === 'cluster'
          ? {}
          : { network: { ...at('node'), ...(level === 'interface' ? { interfaces: [nic] } : {}) } }),
      },
    ],
  };
  writeFileSync(join(folder, 'cluster.yaml'), stringify(definition));
  const { value, diagnostics } = await loadCluster(folder);
  return { diagnostics: diagnostics.map(({ code, at }) => [code, at?.path]), lan: value?.nodes[0]?.interfaces[0] };
}

describe.each(['cluster', 'node', 'interface'] as const)('a gateway of the %s', (level) => {
  test('may be outside of the subnet when a route has it on the link', async () => {
    const gateway = ['172.31.1.1', 'fd00:99::1'];
    const { diagnostics, lan } = await load(level, {
      gateway,
      routes: [{ to: '172.31.1.1/32' }, { to: 'fd00:99::1/128' }],
    });
    expect(diagnostics).toEqual([]);
    expect(lan).toMatchObject({
      gateways: gateway,
      routes: [
        { to: '172.31.1.1/32', via: null },
        { to: 'fd00:99::1/128', via: null },
      ],
    });
  });

  test('may be link-local with IPv6', async () => {
    const { diagnostics, lan } = await load(level, { gateway: ['192.168.50.1', 'fe80::1'] });
    expect(diagnostics).toEqual([]);
    expect(lan?.gateways).toEqual(['192.168.50.1', 'fe80::1']);
  });

  test('is refused where no route reaches it, at its own place', async () => {
    const { diagnostics } = await load(level, { gateway: ['172.31.1.1'] });
    const code = level === 'cluster' ? 'network/gateway-outside' : 'interface/gateway-outside';
    expect(diagnostics).toEqual([[code, expect.stringMatching(/gateway(\[0\])?$/)]]);
  });
});
