/**
 * One node per shape of network that the configuration supports; each is a golden tree, and is read by NetworkManager.
 */
import type { Bond, Cluster, Interface } from '../../src/config/cluster.ts';
import type { NicMatch } from '../../src/config/node.ts';
import { bond, bridge, cluster, ethernet, node, vlan } from './cluster.ts';

let nics = 0;
/** A NIC with a MAC that no other has. */
const nic = (name: string, of: Parameters<typeof ethernet>[2] = {}) =>
  ethernet(name, `52:54:00:00:01:${(++nics).toString(16).padStart(2, '0')}`, of);

const V4 = { addresses: ['192.168.50.21/24'], gateways: ['192.168.50.1'], dns: ['192.168.50.1', '192.168.50.2'] };
const V6 = { addresses: ['fd00:50::21/64'], gateways: ['fd00:50::1'], dns: ['fd00:50::1'] };
const BOTH = {
  addresses: [...V4.addresses, ...V6.addresses],
  gateways: [...V4.gateways, ...V6.gateways],
  dns: [...V4.dns, ...V6.dns],
  searchDomains: ['lab.example', 'example'],
};

const MODES: readonly Bond['mode'][] = [
  ...(['active-backup', '802.3ad', 'balance-rr', 'balance-xor', 'broadcast', 'balance-tlb', 'balance-alb'] as const),
];

const bonds = MODES.flatMap((mode, index): Interface[] => {
  const [a, b] = [nic(`port${String(index)}a`), nic(`port${String(index)}b`)];
  const options = { miimon: '100', ...(mode === '802.3ad' ? { lacp_rate: 'fast' } : {}) };
  const addresses = index === 0 ? V4.addresses : [`10.${String(index)}.0.1/24`];
  return [a, b, bond(`bond${String(index)}`, [a.name, b.name], { mode, options, addresses })];
});

const matched = (name: string, match: Partial<NicMatch>, of: Parameters<typeof ethernet>[2] = {}) =>
  ethernet(name, null, { match: { name: null, driver: null, path: null, mac: null, ...match }, ...of });

const SHAPES: Readonly<Record<string, readonly Interface[]>> = {
  'single-ipv4': [nic('lan', V4)],
  'single-ipv6': [nic('lan', V6)],
  'dual-stack': [nic('lan', BOTH)],
  'several-nics': [nic('lan', V4), nic('storage', { addresses: ['10.50.0.21/16'], mtu: 9000 }), nic('spare')],
  routes: [
    nic('lan', {
      ...BOTH,
      routes: [
        { to: '172.16.0.0/12', via: '192.168.50.254', metric: 50 },
        { to: '10.99.0.0/16', via: null, metric: null },
        { to: 'fd99::/48', via: 'fd00:50::fe', metric: null },
        { to: 'fd98::/48', via: null, metric: 7 },
      ],
    }),
  ],
  'bond-modes': bonds,
  'bond-primary': [
    ...[nic('backup'), nic('main')],
    bond('bond0', ['backup', 'main'], { options: { miimon: '100', primary: 'main' }, ...V4 }),
  ],
  'vlan-on-bond': [
    ...[nic('port1'), nic('port2'), bond('bond0', ['port1', 'port2'], { mode: '802.3ad', mtu: 9000 })],
    ...[vlan('bond0.20', 'bond0', 20, V4), vlan('bond0.30', 'bond0', 30, { ...V6, mtu: 1500 })],
  ],
  'bridge-over-nic': [nic('port1'), bridge('br0', ['port1'], { ...V4, stp: true })],
  'bridge-over-vlan': [nic('port1'), vlan('port1.40', 'port1', 40), bridge('br0', ['port1.40'], V4)],
  dhcp: [nic('lan', { ...V4, gateways: [], dns: [] }), nic('guest', { dhcp4: true, autoconf6: true })],
  'dhcp-beside-gateway': [nic('lan', V4), nic('guest', { dhcp4: true, autoconf6: true })],
  'static-and-autoconf': [nic('lan', { ...V4, autoconf6: true }), nic('extra', { ...V6, gateways: [], dhcp4: true })],
  'gateway-on-link': [
    nic('lan', {
      ...BOTH,
      gateways: ['172.31.1.1', 'fe80::1'],
      routes: [{ to: '172.31.1.1/32', via: null, metric: null }],
    }),
  ],
  leased: [
    nic('lan', { leased: ['192.168.50.77', 'fd00:50::77'], dhcp4: true, autoconf6: true, dns: ['192.168.50.1'] }),
  ],
  slaac: [ethernet('lan', '52:54:00:00:09:01', { leased: ['fd00:50::5054:ff:fe00:901'], autoconf6: true })],
  match: [
    matched('lan', { driver: 'ixgbe', path: 'pci-0000:0[23]:00.?' }, V4),
    matched('storage', { name: 'en*', mac: '3c:ec:ef:*' }, { addresses: ['10.50.0.21/16'] }),
    nic('known', { addresses: ['10.60.0.21/16'] }),
  ],
  'dhcp-with-metrics': [
    nic('lan', { ...V4, routeMetric: 50 }),
    nic('fallback', { dhcp4: true, routeMetric: 900, useDns: false }),
    nic('guest', { autoconf6: true, useRoutes: false }),
    nic('second', { addresses: ['10.60.0.21/16'], gateways: ['10.60.0.1'], routeMetric: 700, dhcp4: true }),
  ],
};

/** A cluster whose nodes are named by their shapes. */
export function shapes(): Cluster {
  const nodes = Object.entries(SHAPES).map(([name, interfaces], index) => {
    const macs = interfaces.flatMap((of) => (of.type === 'ethernet' ? (of.mac ?? []) : []));
    const own = interfaces
      .flatMap((of) => [...of.addresses, ...of.leased])
      .filter((address) => /^(192|fd00)/.test(address));
    return node(name, index + 1, { interfaces, macs, ips: own.map((address) => address.replace(/\/.*/, '')) });
  });
  return cluster({ name: 'shapes', nodes: nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1)) });
}
