/** Nodes of one cluster in several networks: what they inherit, what is rendered for it, and the rules. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { publicAddress } from '../../../src/config/ceph.ts';
import type { Cluster } from '../../../src/config/cluster.ts';
import { loadCluster } from '../../../src/config/load.ts';
import { planLab } from '../../../src/lab/plan.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { networksOf } from '../../../src/report/networks.ts';
import { SOURCES } from '../../render/sources.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ admin@example';
const folder = mkdtempSync(join(tmpdir(), 'coldstart-racks-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Settings = Record<string, unknown>;
const machine = (index: number) => ({
  hardware: { mac_addresses: [`52:54:00:00:00:0${String(index)}`], state_disk: { serial: `disk-${String(index)}` } },
});

/** A master at home, and workers in two racks; `of` are further settings of the cluster's networking and of nodes. */
const racks = (networking: Settings = {}, of: Record<string, Settings> = {}) => ({
  cluster: {
    name: 'racks',
    networking: {
      ...{ node_cidr: '10.0.0.0/24', gateway: '10.0.0.1', dns: ['10.0.0.1'], pod_cidr: '10.244.0.0/16', cni: 'none' },
      ...networking,
    },
    users: [{ name: 'admin', ssh_keys: [KEY] }],
  },
  nodes: [
    { name: 'm1', ip: '10.0.0.11', roles: ['master'], ...machine(1), ...of['m1'] },
    worker('w1', '10.1.0.21', { node_cidr: '10.1.0.0/24', gateway: '10.1.0.1' }, 2, of['w1']),
    worker('w2', '10.2.0.22', { node_cidr: '10.2.0.0/25', gateway: '10.2.0.1' }, 3, of['w2']),
  ],
});

const worker = (name: string, ip: string, network: Settings, index: number, of: Settings = {}) => ({
  ...{ name, ip, roles: ['worker'], ...machine(index), ...of },
  network: { ...network, ...(of['network'] as Settings | undefined) },
});

async function load(of: object) {
  writeFileSync(join(folder, 'cluster.yaml'), stringify(of));
  const { value, diagnostics } = await loadCluster(folder);
  return { value, said: diagnostics.map(({ code, at }) => `${code} ${at?.path ?? ''}`) };
}

async function sound(of: object): Promise<Cluster> {
  const { value, said } = await load(of);
  expect(said).toEqual([]);
  return value as Cluster;
}

const filesOf = (cluster: Cluster, name: string): ReadonlyMap<string, string> => {
  const node = cluster.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(name);
  const tree = renderNode(cluster, node, SOURCES);
  const files = tree.filter((entry) => entry.type === 'file');
  return new Map(files.map(({ path, content }) => [path, new TextDecoder().decode(content)]));
};
const fileOf = (cluster: Cluster, name: string, path: string): string => filesOf(cluster, name).get(path) ?? '';
const keyFile = (cluster: Cluster, name: string) =>
  fileOf(cluster, name, 'etc/NetworkManager/system-connections/primary.nmconnection');

test('a node has the prefix and the gateway of its own network', async () => {
  const cluster = await sound(racks());
  expect(cluster.nodes.map(({ nodeCidrs }) => nodeCidrs)).toEqual([['10.0.0.0/24'], ['10.1.0.0/24'], ['10.2.0.0/25']]);
  expect(keyFile(cluster, 'm1')).toContain('address1=10.0.0.11/24\ngateway=10.0.0.1\n');
  expect(keyFile(cluster, 'w1')).toContain('address1=10.1.0.21/24\ngateway=10.1.0.1\n');
  expect(keyFile(cluster, 'w2')).toContain('address1=10.2.0.22/25\ngateway=10.2.0.1\n');
});

test('masters give the time to all networks, and no network needs the proxy', async () => {
  const cluster = await sound(racks({ proxy: { http: 'http://proxy.lab.example:3128' } }));
  const allowed = fileOf(cluster, 'm1', 'etc/chrony/chrony.conf').match(/^allow .*$/gm);
  expect(allowed).toEqual(['allow 10.0.0.0/24', 'allow 10.1.0.0/24', 'allow 10.2.0.0/25']);
  expect(cluster.nodes[1]?.proxy?.noProxy).toEqual(
    expect.arrayContaining(['10.0.0.0/24', '10.1.0.0/24', '10.2.0.0/25']),
  );
});

test('a further node in a known network changes no other image; one in a new network the clock of the masters', async () => {
  const images = (cluster: Cluster) => filesOf(cluster, 'm1');
  const before = images(await sound(racks()));
  const differing = async (ip: string, cidr: string, gateway: string) => {
    const { nodes, ...of } = racks();
    const after = images(await sound({ ...of, nodes: [...nodes, worker('w3', ip, { node_cidr: cidr, gateway }, 4)] }));
    return [...after].filter(([path, content]) => before.get(path) !== content).map(([path]) => path);
  };
  expect(await differing('10.1.0.23', '10.1.0.0/24', '10.1.0.1')).toEqual([]);
  expect(await differing('10.3.0.23', '10.3.0.0/24', '10.3.0.1')).toEqual(['etc/chrony/chrony.conf']);
});

test("a node's document says its network if it is not the cluster's", async () => {
  const cluster = await sound(racks());
  expect(fileOf(cluster, 'w1', 'etc/cluster-config/nodes/w1.yaml')).toContain('node_cidr: 10.1.0.0/24');
  expect(fileOf(cluster, 'm1', 'etc/cluster-config/nodes/m1.yaml')).not.toContain('node_cidr');
});

test("the cluster's network is that of the first node without one of its own, or else of the first", async () => {
  const unsaid = racks({ node_cidr: undefined });
  expect((await sound({ ...unsaid, nodes: unsaid.nodes.toReversed() })).networking.nodeCidrs).toEqual(['10.0.0.0/24']);
  const own = { network: { node_cidr: '10.0.0.0/23', gateway: '10.0.0.1' } };
  const all = await sound(racks({ node_cidr: undefined, gateway: undefined }, { m1: own }));
  expect(all.networking.nodeCidrs).toEqual(['10.0.0.0/23']);
});

test('daemons of Ceph speak in the networks of their nodes', async () => {
  const osd = (index: number) => ({
    roles: ['ceph-osd'],
    hardware: { ...machine(index).hardware, osd_disks: [{ serial: `osd-${String(index)}` }] },
  });
  const cluster = await sound(
    racks({}, { m1: { roles: ['master', 'worker', 'ceph-mon', 'ceph-mgr'] }, w1: osd(2), w2: osd(3) }),
  );
  expect(cluster.ceph?.publicCidrs).toEqual(['10.0.0.0/24', '10.1.0.0/24', '10.2.0.0/25']);
  const addresses = cluster.nodes.map((node) => cluster.ceph && publicAddress(cluster.ceph, node));
  expect(addresses).toEqual(['10.0.0.11', '10.1.0.21', '10.2.0.22']);
});

test('the report draws each of them as a network of nodes', async () => {
  const networks = networksOf(await sound(racks()));
  expect(networks.map(({ name, uses }) => [name, uses])).toEqual(
    ['10.0.0.0/24', '10.1.0.0/24', '10.2.0.0/25'].map((name) => [name, ['nodes']]),
  );
});

test('the lab has no router, and says so', async () => {
  const cluster = await sound(racks());
  const byNode = <T>(value: T) => new Map(cluster.nodes.map(({ name }) => [name, value]));
  const { refused } = planLab({
    ...{ cluster, nodes: cluster.nodes, folder, run: folder, limit: 0, accelerator: [], processors: 1, memory: 1024 },
    ...{ artifacts: null, internet: false, service: [] },
    ...{ isos: byNode('x.iso'), firmware: byNode([]), ports: byNode(1) },
  });
  expect(refused).toEqual(['w1: network 10.1.0.0/24', 'w2: network 10.2.0.0/25']);
});

describe('the rules', () => {
  const cases: Readonly<Record<string, readonly [definition: object, said: readonly string[]]>> = {
    "the cluster's gateway is not a gateway of another network": [
      racks({}, { w1: { network: { gateway: undefined } } }),
      ['interface/gateway-outside nodes[1].network.node_cidr'],
    ],
    'an address outside of its network': [racks({}, { w1: { ip: '10.7.0.21' } }), ['network/node-outside nodes[1].ip']],
    'an address in the network of the others': [
      racks({}, { w1: { ip: '10.0.0.21', network: { gateway: '10.0.0.1' } } }),
      ['network/node-outside nodes[1].ip'],
    ],
    'networks of racks that overlap': [
      racks({}, { w2: { ip: '10.1.0.22', network: { node_cidr: '10.1.0.0/25', gateway: '10.1.0.1' } } }),
      ['network/overlap nodes[2].network.node_cidr'],
    ],
    'a network in that of the pods': [
      racks({}, { w2: { ip: '10.244.0.22', network: { node_cidr: '10.244.0.0/24', gateway: '10.244.0.1' } } }),
      ['network/overlap nodes[2].network.node_cidr'],
    ],
    'host bits': [
      racks({}, { w2: { network: { node_cidr: '10.2.0.5/25' } } }),
      ['network/host-bits nodes[2].network.node_cidr'],
    ],
    'two networks of one family': [
      racks({}, { w2: { network: { node_cidr: ['10.2.0.0/25', '10.3.0.0/25'] } } }),
      ['network/duplicate-family nodes[2].network.node_cidr'],
    ],
    'a closed network at home, without a way back': [
      racks({ gateway: 'none' }),
      ['network/node-unreachable cluster.networking.gateway'],
    ],
    'routes instead of a gateway at home': [
      racks({ gateway: 'none' }, { m1: { network: { routes: [{ to: '10.0.0.0/8', via: '10.0.0.9' }] } } }),
      [],
    ],
    'routes that miss one of the networks': [
      racks({ gateway: 'none' }, { m1: { network: { routes: [{ to: '10.1.0.0/24', via: '10.0.0.9' }] } } }),
      ['network/node-unreachable cluster.networking.gateway'],
    ],
    'addresses that are reserved at a server of the rack': [
      racks(
        {},
        {
          w1: {
            network: { gateway: undefined, interfaces: [{ name: 'lan', mac: '52:54:00:00:00:02', dhcp4: true }] },
          },
        },
      ),
      [],
    ],
    'a prefix that is not of the network': [
      racks(
        {},
        {
          w1: { network: { interfaces: [{ name: 'lan', mac: '52:54:00:00:00:02', addresses: ['10.1.0.21/16'] }] } },
        },
      ),
      ['interface/prefix-differs nodes[1].network.interfaces[0].addresses[0]'],
    ],
    'routed pods, all workers in one rack and the master elsewhere': [
      racks({ cni: 'routed' }),
      ['network/pods-unrouted cluster.networking.cni'],
    ],
    'routed pods, storage nodes elsewhere': [
      racks(
        { cni: 'routed' },
        { m1: { roles: ['master', 'worker'] }, w1: { roles: ['ceph-mgr'] }, w2: { roles: ['ceph-mon', 'ceph-mgr'] } },
      ),
      [],
    ],
  };
  test.each(Object.entries(cases))('%s', async (_, [definition, said]) => {
    expect((await load(definition)).said.filter((one) => !/^ceph|state-disk|^master|^kubernetes/.test(one))).toEqual(
      said,
    );
  });
});
