/**
 * Bonds, VLANs, bridges, names and MTUs as people write them: one mistake gives one diagnostic, and a correct
 * definition gives none. Each definition is a valid one with its interfaces replaced.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCluster } from '../../../src/config/load.ts';

const MACS = ['52:54:00:aa:01:01', '52:54:00:aa:01:02', '52:54:00:aa:01:03'];

/** The codes for a worker with these interfaces, in YAML. */
async function codesOf(interfaces: readonly string[], mtu?: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-interfaces-'));
  const lines = [
    'cluster:',
    '  name: lab',
    `  networking: { node_cidr: 10.10.10.0/24, gateway: 10.10.10.1, dns: [10.10.10.1]${mtu ? `, mtu: ${String(mtu)}` : ''} }`,
    '  users:',
    "    - { name: admin, ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ a@b'] }",
    'nodes:',
    "  - { name: cp-1, ip: 10.10.10.11, roles: [master], hardware: { mac_addresses: ['52:54:00:aa:00:01'], state_disk: { serial: a } } }",
    '  - name: w-1',
    '    ip: 10.10.10.21',
    '    roles: [worker]',
    `    hardware: { mac_addresses: [${MACS.map((mac) => `'${mac}'`).join(', ')}], state_disk: { serial: b } }`,
    '    network:',
    `      interfaces: ${interfaces.length === 0 ? '[]' : ''}`,
    ...interfaces.map((one) => `        - { ${one} }`),
  ];
  await writeFile(join(folder, 'cluster.yaml'), `${lines.join('\n')}\n`);
  const { diagnostics } = await loadCluster(folder);
  await rm(folder, { recursive: true });
  return diagnostics.map(({ code }) => code);
}

const nic = (name: string, number: number, more = ''): string => `name: ${name}, mac: '${MACS[number] ?? ''}'${more}`;
const NODE_IP = ', addresses: [10.10.10.21/24]';
const LAN = nic('lan', 0, NODE_IP);
const [LEFT, RIGHT] = [nic('left', 0), nic('right', 1)];
const NET = ', addresses: [10.30.0.1/24]';

const bond = (options: string, mode = 'active-backup', ports = 'left, right'): readonly string[] => {
  return [LEFT, RIGHT, `name: bond0, type: bond, mode: ${mode}, ports: [${ports}], options: ${options}${NODE_IP}`];
};

describe("a bond's options", () => {
  test.each([
    ['{}', 'active-backup'],
    ['{ miimon: 100, lacp_rate: fast, xmit_hash_policy: layer3+4 }', '802.3ad'],
    ['{ miimon: "100", lacp_rate: 1, ad_select: "2" }', '802.3ad'],
    ['{ ad_actor_system: "02:00:00:00:00:01", ad_user_port_key: 1023, lacp_active: off }', '802.3ad'],
    ['{ arp_interval: 0, miimon: 100, updelay: 0 }', '802.3ad'],
    ['{ arp_interval: 1000, arp_ip_target: "10.10.10.1, 10.10.10.2", arp_validate: all }', 'active-backup'],
    ['{ arp_interval: 1000, arp_ip_target: [10.10.10.1, 10.10.10.2] }', 'balance-xor'],
    ['{ primary: right, primary_reselect: failure }', 'active-backup'],
    // Without a primary port, the kernel prefers the first that has a link, and asks the same setting when it is back.
    ['{ primary_reselect: failure }', 'active-backup'],
    ['{ min_links: 2 }', '802.3ad'],
    ['{ num_grat_arp: 3, num_unsol_na: 3, peer_notif_delay: 300 }', 'active-backup'],
    ['{ packets_per_slave: 0 }', 'balance-rr'],
    ['{ tlb_dynamic_lb: 0, lp_interval: 5 }', 'balance-tlb'],
  ])('%s in mode %s are fine', async (options, mode) => {
    expect(await codesOf(bond(options, mode))).toEqual([]);
  });

  test.each([
    ['config/unknown-key', '{ mode: 802.3ad }', 'active-backup'],
    ['config/unknown-key', '{ active_slave: left }', 'active-backup'],
    ['config/unknown-key', '{ lacp-rate: fast }', '802.3ad'],
    ['config/wrong-value', '{ miimon: fast }', 'active-backup'],
    ['config/wrong-value', '{ miimon: -1 }', 'active-backup'],
    ['config/wrong-value', '{ miimon: 100ms }', 'active-backup'],
    ['config/wrong-value', '{ miimon: 2147483648 }', 'active-backup'],
    ['config/wrong-value', '{ arp_interval: 100, arp_ip_target: gateway }', 'active-backup'],
    ['config/wrong-value', '{ arp_interval: 100, arp_ip_target: "fd00::1" }', 'active-backup'],
    ['config/wrong-value', '{ ad_actor_system: "01:00:5e:00:00:01" }', '802.3ad'],
    ['interface/bond-option-mode', '{ primary: left }', 'balance-rr'],
    ['interface/bond-option-mode', '{ lacp_rate: slow }', 'active-backup'],
    ['interface/bond-option-mode', '{ arp_interval: 100, arp_ip_target: 10.10.10.1 }', '802.3ad'],
    ['interface/bond-option-clash', '{ arp_interval: 100 }', 'active-backup'],
    ['interface/bond-option-clash', '{ arp_ip_target: 10.10.10.1, arp_validate: all }', 'active-backup'],
    ['interface/bond-option-clash', '{ miimon: 100, arp_interval: 100, arp_ip_target: 10.10.10.1 }', 'active-backup'],
    ['interface/bond-option-clash', '{ arp_interval: 100, arp_ip_target: 10.10.10.1, updelay: 100 }', 'active-backup'],
    ['interface/bond-option-clash', '{ num_grat_arp: 1, num_unsol_na: 2 }', 'active-backup'],
    ['interface/bond-option-clash', '{ miimon: 100, peer_notif_delay: 150 }', 'active-backup'],
    ['interface/bond-option-clash', '{ min_links: 3 }', '802.3ad'],
    ['interface/bond-option-unused', '{ min_links: 3 }', 'active-backup'],
    ['interface/bond-target-self', '{ arp_interval: 1000, arp_ip_target: 10.10.10.21 }', 'active-backup'],
    ['interface/bond-target-outside', '{ arp_interval: 1000, arp_ip_target: 10.244.0.1 }', 'active-backup'],
    ['interface/bond-target-outside', '{ arp_interval: 1000, arp_ip_target: [10.10.10.1, 10.11.10.1] }', 'balance-xor'],
    ['interface/bond-target-family', '{ arp_interval: 1000, ns_ip6_target: "fd00::1" }', 'active-backup'],
    ['network/address-special', '{ arp_interval: 1000, arp_ip_target: 127.0.0.1 }', 'active-backup'],
    ['network/address-reserved', '{ arp_interval: 1000, arp_ip_target: 10.10.10.255 }', 'active-backup'],
    ['network/repeated-entry', '{ arp_interval: 1000, arp_ip_target: "10.10.10.1,10.10.10.1" }', 'active-backup'],
    ['interface/bond-primary', '{ primary: bond0 }', 'active-backup'],
  ])('%s: %s in mode %s', async (code, options, mode) => {
    expect(await codesOf(bond(options, mode))).toEqual([code]);
  });
});

describe("a bond's neighbours", () => {
  const bonded = (options: string): string =>
    `name: bond0, type: bond, ports: [left, right], options: { arp_interval: 1000, ${options} }`;

  test.each([
    ['of a bridge over it', bonded('arp_ip_target: 10.10.10.1'), `name: br0, type: bridge, ports: [bond0]${NODE_IP}`],
    ['of a VLAN on it', bonded('arp_ip_target: 10.30.0.9'), `name: v, type: vlan, id: 3, parent: bond0${NET}`],
    ['by a route without `via`', bonded('arp_ip_target: 10.7.0.1'), `${NODE_IP}, routes: [{ to: 10.7.0.1/32 }]`],
    ['by their own address of the link', bonded('ns_ip6_target: fe80::1'), ', addresses: [10.10.10.21/24, fd00::5/64]'],
  ])('%s', async (_, one, more) => {
    const own = more.startsWith(',') ? [`${one}${more}`] : [one, more];
    const nodes = more.includes('10.10.10.21') ? [LEFT, RIGHT] : [LEFT, RIGHT, nic('lan', 2, NODE_IP)];
    expect(await codesOf([...nodes, ...own])).toEqual([]);
  });
});

describe('ports, parents and names', () => {
  const bridge = (name: string, ports: string, more = ''): string =>
    `name: ${name}, type: bridge, ports: [${ports}]${more}`;
  const vlan = (name: string, parent: string, more = NET): string =>
    `name: ${name}, type: vlan, id: 3, parent: ${parent}${more}`;

  test.each([
    [
      'a bridge over a bond',
      [LEFT, RIGHT, 'name: bond0, type: bond, ports: [left, right]', bridge('br0', 'bond0', NODE_IP)],
    ],
    ['a bridge over a VLAN', [LAN, vlan('v', 'lan', ''), bridge('br0', 'v', NET)]],
    [
      'a VLAN beside the bridge on its port',
      [LAN, nic('r', 1), bridge('br0', 'r', ', addresses: [10.20.0.1/24]'), vlan('v', 'r')],
    ],
    ['a VLAN with a dot', [LAN, vlan('lan.3', 'lan')]],
    ['a NIC called as the kernel would', [nic('eth0', 0, NODE_IP)]],
    ['a MAC in another spelling', [`name: lan, mac: 5254.00AA.0101${NODE_IP}`]],
    ['a bridge for virtual machines', [LAN, nic('r', 1), bridge('br0', 'r')]],
    ['an address by reservation', [nic('lan', 0, ', dhcp4: true')]],
    ['an address by DHCP beside the own', [LAN, nic('guest', 1, ', dhcp4: true, autoconf6: true')]],
    [
      'a fallback gateway',
      [
        `${LAN}, gateway: 10.10.10.1, route_metric: 50`,
        nic('back', 1, `${NET}, gateway: 10.30.0.2, route_metric: 900`),
      ],
    ],
    [
      'a fallback by DHCP',
      [LAN, nic('back', 1, ', dhcp4: true, route_metric: 900, use_dns: false, use_routes: false')],
    ],
  ])('%s is fine', async (_, interfaces) => {
    expect(await codesOf(interfaces)).toEqual([]);
  });

  test.each([
    ['config/wrong-type', []],
    ['interface/nothing-learnt', [`${LAN}, use_dns: false`]],
    [
      'interface/two-gateways',
      [`${LAN}, gateway: 10.10.10.1`, nic('back', 1, `${NET}, gateway: 10.30.0.2, route_metric: 100`)],
    ],
    [
      'interface/two-default-routes',
      [`${LAN}, route_metric: 7, routes: [{ to: 0.0.0.0/0, via: 10.10.10.2, metric: 7 }]`],
    ],
    ['interface/port-addressed', [nic('left', 0, ', route_metric: 7'), RIGHT, ...bond('{}').slice(2)]],
    ['config/wrong-type', bond('{}', 'active-backup', '')],
    ['interface/port-repeated', bond('{}', 'active-backup', 'left, right, left')],
    ['interface/cycle', bond('{}', 'active-backup', 'left, bond0')],
    ['interface/unknown', bond('{}', 'active-backup', 'left, rihgt')],
    ['interface/port-shared', [...bond('{}'), bridge('br0', 'left', NET)]],
    ['interface/wrong-port', [LAN, vlan('v', 'lan'), 'name: bond1, type: bond, ports: [v]']],
    ['interface/wrong-port', [LAN, nic('r', 1), bridge('br0', 'r'), bridge('br1', 'br0', NET)]],
    ['interface/wrong-port', [LAN, nic('r', 1), bridge('br0', 'r'), `name: bond1, type: bond, ports: [br0]${NET}`]],
    ['interface/unsupported-nested-vlan', [LAN, vlan('v', 'lan', ''), vlan('w', 'v')]],
    ['interface/cycle', [LAN, vlan('v', 'v')]],
    ['interface/vlan-on-port', [...bond('{}'), vlan('v', 'left')]],
    ['interface/port-addressed', [LAN, nic('r', 1, NET), bridge('br0', 'r', ', addresses: [10.20.0.1/24]')]],
    ['interface/port-addressed', [nic('left', 0, NODE_IP), RIGHT, 'name: bond0, type: bond, ports: [left, right]']],
    ['interface/nothing-configured', [LAN, nic('spare', 1)]],
    ['interface/node-ip-missing', [nic('lan', 0, ', addresses: [10.10.10.22/24], dhcp4: true')]],
    ['interface/two-leases', [nic('lan', 0, ', dhcp4: true'), nic('r', 1, ', dhcp4: true')]],
    ['interface/gateway-by-lease', [nic('lan', 0, ', dhcp4: true, gateway: 10.10.10.1')]],
    ['interface/gateway-by-lease', [LAN, nic('r', 1, ', dhcp4: true, gateway: 10.30.0.1, route_metric: 900')]],
    ['interface/reserved-name', [LAN, vlan('kube-ipvs0', 'lan')]],
    ['interface/reserved-name', [nic('all', 0, NODE_IP)]],
    ['interface/nic-name', [LAN, vlan('eth0', 'lan')]],
  ])('%s', async (code, interfaces) => {
    expect(await codesOf(interfaces)).toEqual([code]);
  });
});

describe('an MTU', () => {
  const [bonded, vlan] = [
    'name: bond0, type: bond, ports: [left, right], mtu: 9000',
    'name: v, type: vlan, id: 3, parent: bond0',
  ];

  test.each([
    ['of a bond is that of its ports', [LEFT, RIGHT, `${bonded}${NODE_IP}`, `${vlan}, mtu: 9000${NET}`], undefined],
    ['of the cluster is that of all', [...bond('{}'), `${vlan}${NET}`], 9000],
    [
      'of a VLAN is that of its parent, also below a bridge',
      [LEFT, RIGHT, `${bonded}${NODE_IP}`, vlan, `name: br, type: bridge, ports: [v], mtu: 9000${NET}`],
      undefined,
    ],
  ])('%s', async (_, interfaces, mtu) => {
    expect(await codesOf(interfaces, mtu)).toEqual([]);
  });

  test.each([
    ['a VLAN', [...bond('{}'), `${vlan}, mtu: 9000${NET}`], undefined],
    [
      'a bond with two ports',
      [nic('left', 0, ', mtu: 1500'), nic('right', 1, ', mtu: 1500'), `${bonded}${NODE_IP}`],
      undefined,
    ],
    [
      'two VLANs that have it from the cluster',
      [
        nic('lan', 0, `, mtu: 1500${NODE_IP}`),
        `name: v, type: vlan, id: 3, parent: lan${NET}`,
        'name: w, type: vlan, id: 4, parent: lan, addresses: [10.40.0.1/24]',
      ],
      9000,
    ],
  ])('that is too large for what lies below is said once: %s', async (_, interfaces, mtu) => {
    expect(await codesOf(interfaces, mtu)).toEqual(['interface/mtu-above-parent']);
  });
});
