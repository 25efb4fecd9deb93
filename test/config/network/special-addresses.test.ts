/**
 * Every setting for an address, with every class of addresses: the table covers all settings, and a definition gets
 * exactly the diagnostics that the table has for the class, at that place and nowhere else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadCluster } from '../../../src/config/load.ts';
import { formatIp, ipOf, rangeOf } from '../../../src/config/network/net.ts';
import { jsonSchema } from '../../../src/config/schema/json-schema.ts';
import {
  type AddressUse,
  specialAddresses,
  specialNetwork,
  specialUse,
} from '../../../src/config/network/special-addresses.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ admin@example';

/** A good definition of both families that writes every setting with an address. */
const GOOD = () => ({
  cluster: {
    name: 'lab',
    networking: {
      node_cidr: ['10.10.10.0/24', 'fd00:10::/64'],
      gateway: ['10.10.10.1', 'fd00:10::1'],
      dns: ['10.10.10.2'],
      ntp: ['10.10.10.3', 'ntp.lab.example'],
      pod_cidr: ['10.42.0.0/16', 'fd00:42::/56'],
      service_cidr: ['10.43.0.0/16', 'fd00:43::/112'],
      routes: [{ to: '10.99.0.0/16', via: '10.10.10.4' }],
    },
    ceph: { public_cidr: '10.10.10.0/24', cluster_cidr: '10.10.30.0/24' },
    control_plane: { virtual_ip: '10.10.10.254' },
    users: [{ name: 'admin', ssh_keys: [KEY] }],
  },
  nodes: [
    { name: 'm-1', ip: ['10.10.10.11', 'fd00:10::11'], roles: ['master', 'worker'], ...machine(1) },
    { name: 'm-2', ip: ['10.10.10.12', 'fd00:10::12'], roles: ['master', 'worker'], ...machine(2) },
    {
      name: 'm-3',
      ip: ['10.10.10.13', 'fd00:10::13'],
      roles: ['master', 'worker', 'ceph-mon', 'ceph-mgr'],
      hardware: { mac_addresses: ['52:54:00:00:00:03', '52:54:00:00:01:03'], state_disk: { serial: 'M3' } },
      network: {
        node_cidr: ['10.10.10.0/24', 'fd00:10::/64'],
        gateway: ['10.10.10.5'],
        dns: ['10.10.10.6'],
        ntp: ['10.10.10.7'],
        routes: [{ to: '10.98.0.0/16', via: '10.10.10.8' }],
        interfaces: [
          { name: 'lan', mac: '52:54:00:00:00:03', addresses: ['10.10.10.13/24', 'fd00:10::13/64'] },
          {
            name: 'storage',
            mac: '52:54:00:00:01:03',
            addresses: ['10.10.30.13/24', 'fd00:30::13/64'],
            dns: ['10.10.30.2'],
            routes: [{ to: '10.97.0.0/16', via: '10.10.30.1' }],
          },
        ],
      },
    },
  ],
});

function machine(index: number) {
  return {
    hardware: { mac_addresses: [`52:54:00:00:00:0${String(index)}`], state_disk: { serial: `M${String(index)}` } },
  };
}

type Definition = ReturnType<typeof GOOD>;

/** Each setting with its use, and how another value gets there. */
const PLACES: readonly (readonly [
  setting: string,
  use: AddressUse,
  form: 'address' | 'interface' | 'network' | 'url',
  set: (of: Definition, value: string) => unknown,
])[] = [
  ['cluster.networking.node_cidr', 'own', 'network', ({ cluster }, value) => (cluster.networking.node_cidr = [value])],
  ['cluster.networking.pod_cidr', 'own', 'network', ({ cluster }, value) => (cluster.networking.pod_cidr = [value])],
  [
    'cluster.networking.service_cidr',
    'own',
    'network',
    ({ cluster }, value) => (cluster.networking.service_cidr = [value]),
  ],
  ['cluster.ceph.public_cidr', 'own', 'network', ({ cluster }, value) => (cluster.ceph.public_cidr = value)],
  ['cluster.ceph.cluster_cidr', 'own', 'network', ({ cluster }, value) => (cluster.ceph.cluster_cidr = value)],
  [
    'cluster.kubernetes.etcd.cidr',
    'own',
    'network',
    ({ cluster }, value) => Object.assign(cluster, { kubernetes: { etcd: { cidr: value } } }),
  ],
  ['cluster.networking.gateway', 'hop', 'address', ({ cluster }, value) => (cluster.networking.gateway = [value])],
  ['cluster.networking.dns', 'server', 'address', ({ cluster }, value) => (cluster.networking.dns = [value])],
  ['cluster.networking.ntp', 'server', 'address', ({ cluster }, value) => (cluster.networking.ntp = [value])],
  [
    'cluster.networking.hosts.ip',
    'url',
    'address',
    ({ cluster }, value) => Object.assign(cluster.networking, { hosts: [{ ip: value, hostnames: ['other.example'] }] }),
  ],
  [
    'nodes.network.hosts.ip',
    'url',
    'address',
    (of, value) => (last(of).hosts = [{ ip: value, hostnames: ['other.example'] }]),
  ],
  [
    'cluster.networking.routes.to',
    'destination',
    'network',
    ({ cluster }, value) => (cluster.networking.routes = [{ to: value, via: '10.10.10.4' }]),
  ],
  [
    'cluster.networking.routes.via',
    'hop',
    'address',
    ({ cluster }, value) => (cluster.networking.routes = [{ to: '10.99.0.0/16', via: value }]),
  ],
  [
    'cluster.control_plane.virtual_ip',
    'own',
    'address',
    ({ cluster }, value) => (cluster.control_plane.virtual_ip = value),
  ],
  ['nodes.ip', 'own', 'address', ({ nodes }, value) => (first(nodes).ip = [value])],
  ['nodes.network.node_cidr', 'own', 'network', (of, value) => (last(of).node_cidr = [value])],
  ['nodes.network.gateway', 'hop', 'address', (of, value) => (last(of).gateway = [value])],
  ['nodes.network.dns', 'server', 'address', (of, value) => (last(of).dns = [value])],
  ['nodes.network.ntp', 'server', 'address', (of, value) => (last(of).ntp = [value])],
  [
    'nodes.network.routes.to',
    'destination',
    'network',
    (of, value) => (last(of).routes = [{ to: value, via: '10.10.10.8' }]),
  ],
  [
    'nodes.network.routes.via',
    'hop',
    'address',
    (of, value) => (last(of).routes = [{ to: '10.98.0.0/16', via: value }]),
  ],
  ['nodes.network.interfaces.addresses', 'own', 'interface', (of, value) => (storage(of).addresses = [value])],
  ['nodes.network.interfaces.gateway', 'hop', 'address', (of, value) => Object.assign(storage(of), { gateway: value })],
  ['nodes.network.interfaces.dns', 'server', 'address', (of, value) => (storage(of).dns = [value])],
  [
    'nodes.network.interfaces.routes.to',
    'destination',
    'network',
    (of, value) => (storage(of).routes = [{ to: value, via: '10.10.30.1' }]),
  ],
  [
    'nodes.network.interfaces.routes.via',
    'hop',
    'address',
    (of, value) => (storage(of).routes = [{ to: '10.97.0.0/16', via: value }]),
  ],
  [
    'nodes.network.interfaces.options.arp_ip_target',
    'hop',
    'address',
    (of, value) => asking(of, 'arp_ip_target', value),
  ],
  [
    'nodes.network.interfaces.options.ns_ip6_target',
    'hop',
    'address',
    (of, value) => asking(of, 'ns_ip6_target', value),
  ],
  ...urls(),
];

/** Each setting with a URL or a registry, and how another host gets there. */
function urls(): typeof PLACES {
  const http = (host: string): string => `http://${host}`;
  const registry = (host: string) => ({ host: 'docker.io', mirrors: [{ url: http(host) }] });
  const set: Readonly<Record<string, (of: Definition, host: string) => unknown>> = {
    'cluster.networking.proxy.http': ({ cluster }, host) => put(cluster.networking, { proxy: { http: http(host) } }),
    'cluster.networking.proxy.https': ({ cluster }, host) => put(cluster.networking, { proxy: { https: http(host) } }),
    'cluster.networking.calico_manifest': ({ cluster }, host) =>
      put(cluster.networking, { cni: 'calico', calico_manifest: `${http(host)}/calico.yaml` }),
    'cluster.kubernetes.mirror': ({ cluster }, host) =>
      put(cluster, { kubernetes: { delivery: 'first-boot', mirror: http(host) } }),
    'cluster.kubernetes.containerd.mirror': ({ cluster }, host) =>
      put(cluster, { kubernetes: { containerd: { source: 'upstream', mirror: http(host) } } }),
    'cluster.kubernetes.manifests': ({ cluster }, host) =>
      put(cluster, { kubernetes: { manifests: [`${http(host)}/a.yaml`] } }),
    'cluster.registries.host': ({ cluster }, host) =>
      put(cluster, { registries: [{ host: `${host}:5000`, mirrors: [{ url: 'http://mirror.lab.example' }] }] }),
    'cluster.registries.mirrors.url': ({ cluster }, host) => put(cluster, { registries: [registry(host)] }),
    'cluster.bootstrap.external.url': ({ cluster }, host) =>
      put(cluster, { bootstrap: { token_distribution: 'external', external: { type: 'http', url: http(host) } } }),
    'cluster.control_plane.etcd_snapshots.store.url': ({ cluster }, host) => {
      const store = { url: `https://${host}/backups`, credentials_file: 's3' };
      put(cluster, { control_plane: { etcd_snapshots: { store } } });
    },
    'cluster.ceph.csi_url': ({ cluster }, host) => put(cluster.ceph, { csi_url: http(host) }),
    'cluster.image.mirrors': ({ cluster }, host) =>
      put(cluster, { image: { mirrors: [`deb [arch=amd64] ${http(host)}/debian trixie main non-free-firmware`] } }),
    'cluster.update.url': ({ cluster }, host) =>
      put(cluster, { update: { url: `https://${host}/updates`, hours: '22:00-04:00' } }),
    'nodes.proxy.http': ({ nodes }, host) => put(nodes[2], { proxy: { http: http(host) } }),
    'nodes.proxy.https': ({ nodes }, host) => put(nodes[2], { proxy: { https: http(host) } }),
    'nodes.registries.host': ({ nodes }, host) =>
      put(nodes[2], { registries: [{ host, mirrors: [{ url: 'http://mirror.lab.example' }] }] }),
    'nodes.registries.mirrors.url': ({ nodes }, host) => put(nodes[2], { registries: [registry(host)] }),
  };
  return Object.entries(set).map(([setting, one]) => [setting, 'url', 'url', one]);
}

const put = (group: object | undefined, settings: object) => Object.assign(group ?? {}, settings);

/** The third node's own address on a bond that asks this neighbour. */
function asking(of: Definition, option: string, neighbour: string): void {
  const { interfaces } = last(of) as { interfaces: object[] };
  put(of.nodes[2]?.hardware, { mac_addresses: ['52:54:00:00:00:03', '52:54:00:00:01:03', '52:54:00:00:02:03'] });
  const lan = { type: 'bond', ports: ['left'], options: { arp_interval: 1000, [option]: [neighbour] }, mac: undefined };
  interfaces[0] = { ...interfaces[0], ...lan };
  interfaces.push({ name: 'left', mac: '52:54:00:00:00:03' });
}

const first = ([node]: Definition['nodes']): { ip: string[] } => node ?? { ip: [] };
const last = (of: Definition): Record<string, unknown> => of.nodes[2]?.network ?? {};
const storage = (of: Definition): Record<string, unknown> => of.nodes[2]?.network?.interfaces[1] ?? {};

const folder = mkdtempSync(join(tmpdir(), 'coldstart-special-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function check(definition: Definition) {
  writeFileSync(join(folder, 'cluster.yaml'), stringify(definition));
  return (await loadCluster(folder)).diagnostics;
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly examples?: readonly string[];
  readonly items?: SchemaPart;
  readonly anyOf?: readonly SchemaPart[];
  readonly oneOf?: readonly SchemaPart[];
}

/** The settings of the schema whose examples are addresses, without places in lists. */
function addressSettings(schema: SchemaPart, path: readonly string[] = []): readonly string[] {
  const { properties = {}, examples = [], items, anyOf = [], oneOf = [] } = schema;
  const own = examples.some((text) => /^([0-9]+(\.[0-9]+)+([/:]\d+)?|fd00[0-9a-f:]+|(deb )?https?:\/\/.*)$/.test(text))
    ? [path.join('.')]
    : [];
  const below = Object.entries(properties).flatMap(([key, value]) => addressSettings(value, [...path, key]));
  const parts = [...(items ? [items] : []), ...anyOf, ...oneOf];
  return [...own, ...below, ...parts.flatMap((part) => addressSettings(part, path))];
}

/** A share of the pod network is compared with that. Versions look like addresses. */
const ELSEWHERE = [
  ...['nodes.pod_cidr', 'cluster.kubernetes.version'],
  ...['cluster.kubernetes.containerd.version', 'cluster.kubernetes.containerd.runc_version'],
  // Nobody is reached at an address in a certificate.
  'cluster.control_plane.cert_sans',
];

test('the settings of this test are all that hold addresses', () => {
  const found = new Set(addressSettings((jsonSchema() as { else: SchemaPart }).else));
  expect([...found].filter((setting) => !ELSEWHERE.includes(setting)).toSorted()).toEqual(
    PLACES.map(([setting]) => setting).toSorted(),
  );
});

test('a good definition of all of them has no problems found', async () => {
  const codes = (await check(GOOD())).map(({ code }) => code);
  expect(codes.filter((code) => /^(network|interface|node)/.test(code))).toEqual([]);
});

const CODES = ['network/address-special', 'network/address-doubtful', 'network/special-range'];
/** One of each kind of verdict, and those that people write. */
const CLASSES = specialAddresses.filter(({ text }) =>
  /^(0\.0|127|169|192\.0\.[02]\.|224|240|::\/127|64:ff9b::|2001:(db8)?:|fe80|ff00|4000)/.test(text),
);

describe.each(PLACES)('%s', (setting, use, form, set) => {
  test.each(CLASSES.map((row) => [row.text, row] as const))('%s', async (text, { range, kind, verdicts }) => {
    // Neither the first nor the last, which are refused for that.
    const ip = formatIp({ family: range.family, value: range.network + 1n });
    const suffix = range.family === 4 ? '/32' : '/128';
    const network = `${formatIp({ family: range.family, value: range.network })}/${String(Math.max(range.prefix, range.family === 4 ? 24 : 64))}`;
    const definition = GOOD();
    const host = range.family === 4 ? ip : `[${ip}]`;
    if (setting.endsWith('_target') && setting.includes('6') !== (range.family === 6)) return;
    set(definition, { network, interface: `${ip}${suffix}`, address: ip, url: host }[form]);
    const diagnostics = await check(definition);
    const said = diagnostics.filter(({ code }) => CODES.includes(code));
    const wanted = verdicts[use];
    expect(said.map(({ severity, at }) => ({ severity, setting: at?.path.replaceAll(/\[[^\]]*\]/g, '') }))).toEqual(
      wanted === undefined ? [] : [{ severity: wanted, setting }],
    );
    if (wanted === 'error') expect(said[0]?.message).toContain(kind);
  });
});

describe('a network', () => {
  const verdict = (text: string, use: AddressUse) => specialNetwork(rangeOf(text), use)?.severity;

  test.each(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', '2000::/16', '9.9.9.0/24'])(
    '%s is fine',
    (text) => {
      expect(verdict(text, 'own')).toBeUndefined();
    },
  );

  test.each(['0.0.0.0/0', '126.0.0.0/7', '::/0', '::/3', '2001::/16', '192.0.0.0/16'])(
    '%s holds what nobody can have',
    (text) => {
      expect(verdict(text, 'own')).toBe('error');
    },
  );

  test.each(['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '224.0.0.0/4', '169.254.169.254/32', '64:ff9b::/96'])(
    '%s can be a route',
    (text) => {
      expect(verdict(text, 'destination')).toBeUndefined();
    },
  );

  test.each(['127.0.0.0/8', '127.1.0.0/16', '0.0.0.0/32', '255.255.255.255/32', 'fe80::/64', '::1/128'])(
    '%s can be none',
    (text) => {
      expect(verdict(text, 'destination')).toBe('error');
    },
  );
});

test.each(['8.8.8.8', '192.168.1.1', '100.100.100.100', '2606:4700::1111', 'fd00::53', '64:ff9b::808:808'])(
  '%s can be asked',
  (text) => {
    expect(specialUse(ipOf(text), 'server')).toBeUndefined();
  },
);
