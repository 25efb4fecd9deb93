/**
 * Mistakes in addresses, routes, bonds and names, in every setting where they can occur: each gives one diagnostic, of
 * one code. Settings that a careful administrator uses on purpose give none. Each definition is a valid one with one
 * change.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadCluster } from '../../../src/config/load.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ admin@example';

interface Network {
  routes?: object[];
  interfaces: { [key: string]: unknown; addresses?: string[]; options?: object; routes?: object[] }[];
}

/** Three masters, and a worker whose address is on a bond. */
const GOOD = () => ({
  cluster: {
    name: 'lab',
    networking: {
      node_cidr: '10.10.10.0/24',
      gateway: '10.10.10.1',
      dns: ['10.10.10.2'],
    },
    control_plane: { virtual_ip: '10.10.10.254' },
    kubernetes: { delivery: 'first-boot' },
    users: [{ name: 'admin', ssh_keys: [KEY] }],
  } as Record<string, unknown> & Record<'networking' | 'control_plane' | 'kubernetes', Record<string, unknown>>,
  nodes: [
    { name: 'm-1', ip: '10.10.10.11', roles: ['master'], hardware: hardware(1) },
    { name: 'm-2', ip: '10.10.10.12', roles: ['master'], hardware: hardware(2) },
    { name: 'm-3', ip: '10.10.10.13', roles: ['master'], hardware: hardware(4) },
    {
      name: 'w-1',
      ip: '10.10.10.21',
      roles: ['worker'],
      hardware: { ...hardware(3), mac_addresses: ['52:54:00:00:00:03', '52:54:00:00:01:03'] },
      network: {
        interfaces: [
          { name: 'left', mac: '52:54:00:00:00:03' },
          { name: 'right', mac: '52:54:00:00:01:03' },
          {
            name: 'bond0',
            type: 'bond',
            mode: 'active-backup',
            ports: ['left', 'right'],
            addresses: ['10.10.10.21/24'],
          },
        ],
      },
    },
  ] as (Record<string, unknown> & { network?: Network })[],
});

function hardware(index: number) {
  return { mac_addresses: [`52:54:00:00:00:0${String(index)}`], state_disk: { serial: `D${String(index)}` } };
}

type Definition = ReturnType<typeof GOOD>;

const folder = mkdtempSync(join(tmpdir(), 'coldstart-mistakes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `CODE PLACE` of each diagnostic. */
async function found(change: (of: Definition) => unknown): Promise<readonly string[]> {
  const definition = GOOD();
  change(definition);
  writeFileSync(join(folder, 'cluster.yaml'), stringify(definition));
  const { diagnostics } = await loadCluster(folder);
  return diagnostics.map(({ code, at }) => `${code} ${at?.path ?? ''}`);
}

test('the good definition is good', async () => {
  expect(await found(() => undefined)).toEqual([]);
});

function put(node: { network?: unknown }, ...routes: readonly object[]): void {
  node.network = { ...(node.network as object), routes };
}

const registry = (host: string, url: string) => ({ host, mirrors: [{ url }] });

describe('what is meant', () => {
  test.each<[string, (of: Definition) => unknown]>([
    [
      'a cache of images on each node',
      ({ cluster }) => (cluster['registries'] = [registry('_default', 'http://127.0.0.1:30020')]),
    ],
    [
      'names of other machines, also of the virtual address',
      ({ cluster }) => {
        cluster.control_plane['endpoint'] = 'api.lab.example';
        cluster.networking['hosts'] = [
          { ip: '10.10.10.254', hostnames: ['api.lab.example'] },
          { ip: '10.10.10.11', hostnames: ['m-1'] },
          { ip: '127.0.0.1', hostnames: ['telemetry.example'] },
        ];
      },
    ],
    [
      "a node's network that only the addresses say",
      (of) => {
        delete of.cluster.networking['node_cidr'];
        of.cluster.networking['gateway'] = '10.10.11.1';
        of.nodes = of.nodes.slice(3).map((node) => ({ ...node, roles: ['master', 'worker'] }));
        const [bond] = of.nodes[0]?.network?.interfaces.slice(2) ?? [];
        if (bond) bond.addresses = ['10.10.10.21/23'];
        of.cluster.control_plane = { virtual_ip: undefined };
      },
    ],
    [
      'a registry that is a service',
      ({ cluster }) =>
        (cluster['registries'] = [
          registry('10.96.0.9:5000', 'http://10.96.0.9:5000'),
          registry('hub.default.svc:5000', 'http://10.10.10.11:30500'),
        ]),
    ],
    [
      'a cache of packages on the machine that builds',
      ({ cluster }) => (cluster['image'] = { mirrors: ['http://127.0.0.1:3142/debian'] }),
    ],
    [
      'a default route in reserve',
      ({ nodes }) => (nodes[3]!.network!.routes = [{ to: '0.0.0.0/0', via: '10.10.10.9', metric: 2000 }]),
    ],
    [
      'a part of the network behind a router, where nobody known is',
      ({ cluster }) => (cluster.networking['routes'] = [{ to: '10.10.10.128/28', via: '10.10.10.9' }]),
    ],
    [
      'two ways to a network',
      ({ cluster }) =>
        (cluster.networking['routes'] = [
          { to: '10.7.0.0/16', via: '10.10.10.8' },
          { to: '10.7.0.0/16', via: '10.10.10.9', metric: 500 },
        ]),
    ],
    [
      'nodes that are called as settings are',
      ({ nodes }) => nodes.forEach((node, index) => (node['name'] = ['gateway', 'dns', 'ip', 'interfaces'][index])),
    ],
  ])('%s', async (_, change) => {
    expect(await found(change)).toEqual([]);
  });
});

describe('one mistake is one diagnostic', () => {
  test.each<[string, (of: Definition) => unknown, string]>([
    [
      'a node network of everything',
      ({ cluster }) => (cluster.networking['node_cidr'] = '0.0.0.0/0'),
      'network/special-range cluster.networking.node_cidr',
    ],
    [
      'a node network of everything in the other family',
      ({ cluster }) => (cluster.networking['node_cidr'] = '::/0'),
      'network/special-range cluster.networking.node_cidr',
    ],
    [
      'a virtual address that is a name server elsewhere',
      ({ cluster }) => {
        cluster.networking['dns'] = ['9.9.9.9'];
        cluster.control_plane['virtual_ip'] = '9.9.9.9';
      },
      'network/virtual-ip-taken cluster.control_plane.virtual_ip',
    ],
    [
      'a proxy that is a service',
      ({ cluster }) => (cluster.networking['proxy'] = { http: 'http://robot:pass@10.96.0.9:3128' }),
      'network/server-in-cluster cluster.networking.proxy.http',
    ],
    [
      'a mirror that is a pod, by its address in the form of IPv6',
      ({ cluster }) => (cluster.kubernetes['mirror'] = 'http://[::ffff:10.244.1.9]/k8s'),
      'network/server-in-cluster cluster.kubernetes.mirror',
    ],
    [
      'a mirror that is the node itself',
      ({ cluster }) => (cluster.kubernetes['mirror'] = 'http://127.0.0.2/k8s'),
      'network/localhost cluster.kubernetes.mirror',
    ],
    [
      'a mirror that is one of the nodes',
      ({ cluster }) => (cluster.kubernetes['mirror'] = 'http://10.10.10.11:8080'),
      'network/mirror-is-node cluster.kubernetes.mirror',
    ],
    [
      'a proxy that is the node itself',
      ({ cluster }) => (cluster.networking['proxy'] = { http: 'http://[::ffff:127.0.0.1]:3128' }),
      'network/proxy-on-node cluster.networking.proxy.http',
    ],
    ...['master', 'worker'].map((role): [string, (of: Definition) => unknown, string] => [
      `a default route with the metric that the gateway gets, on a ${role}`,
      ({ nodes }) => {
        const [index, metric] = role === 'master' ? [0, 100] : [3, 300];
        put(nodes[index]!, { to: '0.0.0.0/0', via: '10.10.10.9', metric });
      },
      `interface/two-default-routes nodes[${role === 'master' ? '0' : '3'}].network.routes[0].to`,
    ]),
    [
      'two routes of which one says the metric that the other gets',
      ({ nodes }) => {
        put(nodes[0]!, { to: '10.7.0.0/16', via: '10.10.10.8' }, { to: '10.7.0.0/16', via: '10.10.10.9', metric: 100 });
      },
      'interface/route-repeated nodes[0].network.routes[1].to',
    ],
    ...['10.10.10.12/32', '10.10.10.11/32', '10.10.10.254/32', '10.10.10.1/32', '10.10.10.16/29'].map(
      (to): [string, (of: Definition) => unknown, string] => [
        `a route to ${to} by the gateway`,
        ({ nodes }) => put(nodes[0]!, { to, via: '10.10.10.1' }),
        'interface/route-around-link nodes[0].network.routes[0].to',
      ],
    ),
    [
      'the same for all nodes',
      ({ cluster }) => (cluster.networking['routes'] = [{ to: '10.10.10.21/32', via: '10.10.10.1' }]),
      'interface/route-around-link cluster.networking.routes[0].to',
    ],
    ...[
      ['kubernetes', 'network/endpoint-is-service'],
      ['kubernetes.default', 'network/endpoint-is-service'],
      ['kubernetes.default.svc', 'network/domain-in-cluster-domain'],
      ['kubernetes.default.svc.cluster.local', 'network/domain-in-cluster-domain'],
      ['m-1', 'network/endpoint-is-node'],
    ].map(([endpoint, code = '']): [string, (of: Definition) => unknown, string] => [
      `the endpoint ${String(endpoint)}`,
      ({ cluster }) => (cluster.control_plane['endpoint'] = endpoint),
      `${code} cluster.control_plane.endpoint`,
    ]),
    [
      'a host name that is the endpoint',
      ({ cluster, nodes }) => {
        cluster.control_plane['endpoint'] = 'api.lab.example';
        nodes[3]!['hostname'] = 'API.lab.example';
      },
      'network/endpoint-is-node cluster.control_plane.endpoint',
    ],
    ...(
      [
        ['networking.proxy.https', (of) => (of.networking['proxy'] = { https: 'http://squid.proxy.svc:3128' })],
        ['networking.ntp[1]', (of) => (of.networking['ntp'] = ['ntp.lab.example', 'ntp.default.svc.cluster.local'])],
        ['kubernetes.mirror', (of) => (of.kubernetes['mirror'] = 'http://files.web.svc.cluster.local')],
        ['registries[0].mirrors[0].url', (of) => (of['registries'] = [registry('docker.io', 'http://cache.hub.svc')])],
      ] as [string, (of: Definition['cluster']) => unknown][]
    ).map(([setting, change]): [string, (of: Definition) => unknown, string] => [
      `${setting} by a name that pods find`,
      ({ cluster }) => change(cluster),
      `network/server-of-cluster-domain cluster.${setting}`,
    ]),
    [
      'a registry that is a pod',
      ({ cluster }) => (cluster['registries'] = [registry('10.244.1.9:5000', 'http://10.244.1.9:5000')]),
      'registry/in-cluster cluster.registries[0].mirrors[0].url',
    ],
  ])('%s', async (_, change, said) => {
    expect(await found(change)).toEqual([said]);
  });
});
