/** From a definition to QEMU's command lines: wiring, disks, gateway, machines; whole command lines are compared. */
import { describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import type { Cluster, DiskSelector, Interface, Node } from '../../src/config/cluster.ts';
import { deviceFor, sizeFor } from '../../src/lab/qemu/disks.ts';
import { gatewayArgs, planGateway } from '../../src/lab/network/gateway.ts';
import { throughForwards } from '../../src/lab/forwarded-kubeconfig.ts';
import { argsOf } from '../../src/lab/supervisor/machine.ts';
import { planLab, type LabRequest } from '../../src/lab/plan.ts';
import { machineArgs } from '../../src/lab/qemu/args.ts';
import { unknownNics } from '../../src/lab/network/nic.ts';
import { wire } from '../../src/lab/network/wiring.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname;

async function example(name: string): Promise<Cluster> {
  const { value } = await loadCluster(`${EXAMPLES}${name}`);
  if (value === undefined) throw new Error(`${name} is not valid`);
  return value;
}

const quickStart = await example('quick-start');
const production = await example('three-masters-ceph');

function requestFor(cluster: Cluster, nodes: readonly Node[]): LabRequest {
  const all = <T>(value: (node: Node) => T): Map<string, T> => new Map(nodes.map((node) => [node.name, value(node)]));
  return {
    ...{ cluster, nodes, folder: '/lab', run: '/run', limit: 7200, processors: 2, memory: 2048 },
    ...{ accelerator: ['-accel', 'tcg,thread=multi'], internet: false, artifacts: null, service: ['relay'] },
    isos: all(({ name }) => `/out/${name}.iso`),
    firmware: all(() => ['-machine', 'q35']),
    ports: new Map(
      nodes.filter(({ roles }) => roles.includes('master')).map(({ name }, index) => [name, 40_000 + index]),
    ),
  };
}

describe('a lab of the quick-start example', () => {
  const { plan } = planLab(requestFor(quickStart, quickStart.nodes));

  test('a machine', () => {
    expect(argsOf(plan, 1).join(' ').replaceAll(' -', '\n-')).toBe(`-accel tcg,thread=multi
-smp 2
-m 2048
-display none
-monitor none
-name quick-start/worker-01
-machine q35
-drive file=/out/worker-01.iso,media=cdrom,format=raw,readonly=on
-drive if=none,id=disk0,file=/lab/worker-01.state.qcow2,format=qcow2,cache=writeback
-device virtio-blk-pci,drive=disk0,serial=state
-netdev stream,id=net0,server=off,addr.type=unix,addr.path=/run/n1.net0
-device virtio-net-pci,netdev=net0,mac=52:54:00:12:34:02
-chardev socket,id=serial,path=/run/n1.serial,server=off
-serial chardev:serial
-chardev socket,id=control,path=/run/n1.qmp,server=off
-mon chardev=control,mode=control`);
  });

  test('the gateway', () => {
    expect(
      gatewayArgs(plan.gateway?.netdev ?? '', '/run/gateway')
        .join(' ')
        .replaceAll(' -', '\n-'),
    ).toBe(
      `-machine none
-nodefaults
-display none
-netdev user,id=user,net=192.168.50.0/24,host=192.168.50.1,dns=192.168.50.254,dhcpstart=192.168.50.253,hostfwd=tcp:127.0.0.1:40000-192.168.50.11:6443,ipv6=off,restrict=on
-netdev stream,id=lan,server=off,addr.type=unix,addr.path=/run/gateway
-netdev hubport,id=inside,hubid=0,netdev=user
-netdev hubport,id=outside,hubid=0,netdev=lan`,
    );
    expect([plan.segments, plan.gateway?.segment, plan.gateway?.vlan, plan.api]).toEqual([
      ...[1, 0, null],
      [{ node: 'master-01', hostPort: 40_000, address: '192.168.50.11', port: 6443 }],
    ]);
  });

  test('artifacts have an address of their own, and a program behind it', () => {
    const service = ['/a node', '-e', `say("it's, well")`, '/run/artifacts'];
    const gateway = planGateway({ cluster: quickStart, forwards: [], internet: true, service });
    expect(gateway).toEqual({
      serviceUrl: 'http://192.168.50.252:8080/',
      netdev:
        'user,id=user,net=192.168.50.0/24,host=192.168.50.1,dns=192.168.50.254,dhcpstart=192.168.50.253,' +
        `guestfwd=tcp:192.168.50.252:8080-cmd:'/a node' '-e' 'say("it'\\''s,, well")' '/run/artifacts',ipv6=off,restrict=off`,
    });
  });
});

const networking = (changes: Partial<Cluster['networking']>): Cluster => ({
  ...quickStart,
  nodes: [],
  networking: { ...quickStart.networking, gateways: [], dns: [], ntp: [], ...changes },
});
const netdevOf = (cluster: Cluster): string | undefined =>
  planGateway({ cluster, forwards: [], internet: false, service: null })?.netdev;

describe('the gateway of', () => {
  test.each([
    [
      'a closed network: any address that is free',
      networking({ nodeCidrs: ['10.0.0.0/29'] }),
      'user,id=user,net=10.0.0.0/29,host=10.0.0.6,dns=10.0.0.5,dhcpstart=10.0.0.4,ipv6=off,restrict=on',
    ],
    [
      'a network with a name server of its own: libslirp plays it',
      networking({ nodeCidrs: ['10.0.0.0/24'], gateways: ['10.0.0.1'], dns: ['9.9.9.9', '10.0.0.2'] }),
      'user,id=user,net=10.0.0.0/24,host=10.0.0.1,dns=10.0.0.2,dhcpstart=10.0.0.254,ipv6=off,restrict=on',
    ],
    [
      'IPv6 alone',
      networking({ nodeCidrs: ['fd00:50::/64'], gateways: ['fd00:50::1'] }),
      'user,id=user,ipv4=off,ipv6-prefix=fd00:50::,ipv6-prefixlen=64,ipv6-host=fd00:50::1,' +
        'ipv6-dns=fd00:50::ffff:ffff:ffff:fffe,restrict=on',
    ],
    ['a network that is full', networking({ nodeCidrs: ['10.0.0.0/31'] }), undefined],
  ])('%s', (_, cluster, netdev) => {
    expect(netdevOf(cluster)).toBe(netdev);
  });
});

describe('wiring', () => {
  test('bonds, VLANs and plain NICs of one network share a switch', () => {
    const { segments, nics, nodeNetwork } = wire(production.nodes, production.networking.nodeCidrs);
    expect([segments, nodeNetwork]).toEqual([1, { segment: 0, vlan: null }]);
    expect([...nics].map(([name, list]) => [name, list.map(({ segment }) => segment)])).toEqual([
      ...['master-01', 'master-02', 'master-03'].map((name) => [name, [0, 0]]),
      ...['worker-01', 'worker-02', 'worker-03'].map((name) => [name, [0]]),
    ]);
  });

  const base = {
    ...{ mtu: null, gateways: [], routes: [], dns: [], searchDomains: [], dhcp4: false, autoconf6: false },
    ...{ leased: [], routeMetric: null, useDns: true, useRoutes: true },
  };
  const nodeWith = (name: string, interfaces: readonly Interface[], macs: readonly string[] = []): Node => {
    const [node] = quickStart.nodes;
    if (node === undefined) throw new Error('the example has no nodes');
    return { ...node, name, macs, interfaces };
  };
  const nic = (name: string, mac: string, ...addresses: string[]): Interface => ({
    ...{ ...base, type: 'ethernet', name, mac, match: null, addresses },
  });

  test('a NIC that is found by a match has a MAC that fits, if QEMU has such a NIC', () => {
    const none = { name: null, driver: null, path: null, mac: null };
    const found = (name: string, match: Partial<typeof none> | Record<string, string>): Interface => ({
      ...{ ...base, type: 'ethernet', name, mac: null, addresses: [], match: { ...none, ...match } },
    });
    const a = nodeWith('a', [
      found('x', { driver: 'virtio*', mac: '3c:ec:ef:*' }),
      found('y', { driver: 'virtio_net' }),
    ]);
    expect(
      wire([a], [])
        .nics.get('a')
        ?.map(({ mac }) => mac.slice(0, 9)),
    ).toEqual(['3c:ec:ef:', '52:54:00:']);
    expect(unknownNics(a)).toEqual([]);
    const b = nodeWith('b', [found('x', { driver: 'ixgbe', name: 'eno1' }), found('y', { path: 'pci-*' })]);
    expect(unknownNics(b)).toEqual(['b: name eno1', 'b: driver ixgbe', 'b: path pci-*']);
  });

  test('networks that have nothing in common have switches of their own; so has a NIC that carries nothing', () => {
    const a = nodeWith('a', [nic('x', 'a1', '10.0.0.1/24'), nic('y', 'a2', '10.1.0.1/24')], ['a1', 'a2', 'a3']);
    const b = nodeWith('b', [nic('x', 'b1', '10.1.0.2/24')]);
    const { segments, nics } = wire([a, b], ['10.1.0.0/24']);
    expect(segments).toBe(3);
    expect([...nics]).toEqual([
      [
        'a',
        [
          { mac: 'a1', segment: 0 },
          { mac: 'a2', segment: 1 },
          { mac: 'a3', segment: 2 },
        ],
      ],
      ['b', [{ mac: 'b1', segment: 1 }]],
    ]);
  });

  test('of the ports of a bridge only one leads outside, so that there is no loop', () => {
    const bridge: Interface = {
      ...base,
      type: 'bridge',
      name: 'br0',
      ports: ['x', 'y'],
      stp: false,
      addresses: ['10.0.0.1/24'],
    };
    const a = nodeWith('a', [nic('x', 'a1'), nic('y', 'a2'), bridge]);
    const b = nodeWith('b', [nic('x', 'b1', '10.0.0.2/24')]);
    const { nics } = wire([a, b], ['10.0.0.0/24']);
    expect(nics.get('a')?.map(({ segment }) => segment)).toEqual([0, 1]);
    expect(nics.get('b')?.map(({ segment }) => segment)).toEqual([0]);
  });

  test("nodes whose network is on a VLAN get the gateway's frames with its tag", () => {
    const vlan: Interface = { ...base, type: 'vlan', name: 'v', id: 50, parent: 'x', addresses: ['10.0.0.1/24'] };
    const { nodeNetwork } = wire([nodeWith('a', [nic('x', 'a1'), vlan])], ['10.0.0.0/24']);
    expect(nodeNetwork).toEqual({ segment: 0, vlan: 50 });
  });

  test('a NIC that asks for its address is on the network of the nodes', () => {
    const asking: Interface = { ...nic('x', 'a1'), dhcp4: true };
    const { nics } = wire([nodeWith('a', [asking]), nodeWith('b', [nic('x', 'b1', '10.0.0.2/24')])], ['10.0.0.0/24']);
    expect([nics.get('a'), nics.get('b')]).toEqual([[{ mac: 'a1', segment: 0 }], [{ mac: 'b1', segment: 0 }]]);
  });
});

const NOTHING: DiskSelector = {
  ...{ byId: null, wwn: null, serial: null, model: null, path: null },
  ...{ minSize: null, maxSize: null, rotational: null },
};

describe('a disk that is found', () => {
  test.each<[string, Partial<DiskSelector>, unknown]>([
    ['by its serial', { serial: 'S1' }, { bus: 'virtio', properties: { serial: 'S1' } }],
    [
      'by a serial too long for virtio',
      { serial: 'S'.repeat(21) },
      { bus: 'scsi', properties: { serial: 'S'.repeat(21) } },
    ],
    [
      'by its WWN',
      { wwn: '0x5000c500a1b2c3d4' },
      { bus: 'scsi', properties: { serial: 'state', wwn: '0x5000c500a1b2c3d4' } },
    ],
    ['by its model', { model: 'ACME SSD' }, { bus: 'scsi', properties: { serial: 'state', product: 'ACME SSD' } }],
    [
      'by a long model',
      { model: 'ACME Enterprise SSD' },
      { bus: 'ata', properties: { serial: 'state', model: 'ACME Enterprise SSD' } },
    ],
    ['by not rotating', { rotational: false }, { bus: 'scsi', properties: { serial: 'state', rotation_rate: '1' } }],
    ['by its path', { path: '/dev/sda' }, { bus: 'scsi', properties: { serial: 'state' } }],
    ['by the path of NVMe', { path: '/dev/nvme0n1' }, { bus: 'nvme', properties: { serial: 'state' } }],
    ['by virtio-…', { byId: 'virtio-S1' }, { bus: 'virtio', properties: { serial: 'S1' } }],
    [
      'by wwn-…',
      { byId: '/dev/disk/by-id/wwn-0x5000' },
      { bus: 'scsi', properties: { serial: 'state', wwn: '0x5000' } },
    ],
    ['by ata-…', { byId: 'ata-ACME_SSD_S1' }, { bus: 'ata', properties: { serial: 'S1', model: 'ACME_SSD' } }],
    ['by nvme-…', { byId: 'nvme-QEMU_NVMe_Ctrl_S1' }, { bus: 'nvme', properties: { serial: 'S1' } }],
    ['by size alone', { minSize: 1 }, { bus: 'virtio', properties: { serial: 'state' } }],
    ['by an NVMe that QEMU cannot be', { byId: 'nvme-Samsung_SSD_S1' }, null],
    ['by a name that says nothing', { byId: 'usb-Stick' }, null],
  ])('%s', (_, selector, device) => {
    expect(deviceFor({ ...NOTHING, ...selector }, 'state')).toEqual(device);
  });

  test('has a size within what is asked for', () => {
    const sizes = [{}, { minSize: 300 }, { maxSize: 50 }, { minSize: 20, maxSize: 400 }];
    expect(sizes.map((one) => sizeFor({ ...NOTHING, ...one }, 100))).toEqual([100, 300, 50, 100]);
  });
});

test('disks that QEMU cannot be are named', () => {
  const [node] = quickStart.nodes;
  const odd = node && { ...node, osdDisks: [{ ...NOTHING, byId: 'usb-Stick' }] };
  const { refused } = planLab(requestFor(quickStart, odd === undefined ? [] : [odd]));
  expect(refused).toEqual(['master-01: by_id usb-Stick']);
});

test('every bus has its controller, once; commas are written twice', () => {
  const disk = (bus: 'scsi' | 'ata' | 'nvme', serial: string) =>
    ({ path: '/a,b', format: 'raw', device: { bus, properties: { serial } } }) as const;
  const args = machineArgs({
    ...{ accelerator: [], processors: 1, memory: 64, firmware: [], iso: '/i,so', usb: true, nics: [] },
    ...{ serial: 'path=/s', endsOnReboot: true },
    disks: [disk('scsi', '1'), disk('scsi', '2'), disk('ata', '3'), disk('ata', '4'), disk('nvme', '5,6')],
  });
  expect(args.slice(args.indexOf('-no-reboot') + 1).filter((word) => !/^-(drive|device)$/.test(word))).toEqual([
    ...['qemu-xhci', 'if=none,id=stick,file=/i,,so,format=raw,readonly=on', 'usb-storage,drive=stick,bootindex=0'],
    ...['virtio-scsi-pci,id=scsi', 'ich9-ahci,id=ata'],
    ...['if=none,id=disk0,file=/a,,b,format=raw,cache=writeback', 'scsi-hd,drive=disk0,bus=scsi.0,serial=1'],
    ...['if=none,id=disk1,file=/a,,b,format=raw,cache=writeback', 'scsi-hd,drive=disk1,bus=scsi.0,serial=2'],
    ...['if=none,id=disk2,file=/a,,b,format=raw,cache=writeback', 'ide-hd,drive=disk2,bus=ata.0,serial=3'],
    ...['if=none,id=disk3,file=/a,,b,format=raw,cache=writeback', 'ide-hd,drive=disk3,bus=ata.1,serial=4'],
    ...['if=none,id=disk4,file=/a,,b,format=raw,cache=writeback', 'nvme,drive=disk4,serial=5,,6'],
    ...['-nic', 'none', '-chardev', 'socket,id=serial,path=/s', '-serial', 'chardev:serial'],
  ]);
});

test('a kubeconfig leads through the forwarded ports, and still checks the names that certificates carry', () => {
  const server = (url: string): string =>
    `apiVersion: v1\nclusters:\n  - name: lab\n    cluster:\n      server: ${url}\n`;
  const api = [
    { node: 'm1', hostPort: 4001, address: '10.0.0.1', port: 6443 },
    { node: 'm2', hostPort: 4002, address: '10.0.0.2', port: 6443 },
  ];
  const through = (port: number, name: string): string =>
    `${server(`https://127.0.0.1:${port}`)}      tls-server-name: ${name}\n`;
  expect(throughForwards(server('https://10.0.0.2:6443'), api)).toBe(through(4002, '10.0.0.2'));
  expect(throughForwards(server('https://api.example:6443'), api)).toBe(through(4001, 'api.example'));
  expect(throughForwards(server('https://10.0.0.2:6443'), [])).toBe(server('https://10.0.0.2:6443'));
});
