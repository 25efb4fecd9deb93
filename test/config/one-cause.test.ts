/**
 * Mistakes with several consequences: one diagnostic names the cause, at its place, and no other diagnostic follows from it.
 * Each definition is an example with one text replaced.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const folder = mkdtempSync(join(tmpdir(), 'coldstart-one-cause-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of an example, the text to replace, and the new text. */
type Change = readonly [file: string, from: string, to: string];

let copies = 0;

/** `CODE PLACE`, and the hint, of each diagnostic about an example with changes. */
async function found(example: string, changes: readonly Change[]) {
  const copy = join(folder, String(copies++));
  cpSync(join(EXAMPLES, example), copy, { recursive: true });
  for (const [file, from, to] of changes) {
    const text = readFileSync(join(copy, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(
      join(copy, file),
      text.replace(from, () => to),
    );
  }
  const { diagnostics } = await loadCluster(copy);
  return diagnostics.map(({ code, at, hint = '' }) => ({ said: `${code} ${at?.path ?? ''}`, hint }));
}

const QUICK = 'quick-start';
const CEPH = 'three-masters-ceph';
const NETWORK = 'cluster.networking';

describe('networks', () => {
  test.each<[string, string, readonly Change[], string]>([
    [
      'the network of no node',
      CEPH,
      [['cluster.yaml', 'node_cidr: 10.20.0.0/24', 'node_cidr: 10.2.0.0/24']],
      `network/no-node-inside ${NETWORK}.node_cidr`,
    ],
    [
      'another network, for few nodes',
      QUICK,
      [['cluster.yaml', 'node_cidr: 192.168.50.0/24', 'node_cidr: 192.168.5.0/24']],
      `network/no-node-inside ${NETWORK}.node_cidr`,
    ],
    [
      'the address of a node as its network',
      QUICK,
      [['cluster.yaml', '192.168.50.0/24', '192.168.50.11/32']],
      `network/node-cidr-too-small ${NETWORK}.node_cidr`,
    ],
    [
      'the network of the pods',
      QUICK,
      [['cluster.yaml', '192.168.50.0/24', '10.244.0.0/16']],
      `network/overlap ${NETWORK}.pod_cidr`,
    ],
    [
      'one family for pods and the other for services',
      QUICK,
      [['cluster.yaml', '10.244.0.0/16', 'fd00:244::/48']],
      `network/family-order ${NETWORK}.pod_cidr`,
    ],
    [
      'the order of the families of services',
      QUICK,
      [
        ['cluster.yaml', '192.168.50.0/24', '[192.168.50.0/24, fd00:50::/64]'],
        ['cluster.yaml', '10.244.0.0/16', '[10.244.0.0/16, fd00:244::/48]'],
        ['cluster.yaml', '10.96.0.0/12', '[fd00:96::/112, 10.96.0.0/16]'],
        ['cluster.yaml', '192.168.50.11', '[192.168.50.11, fd00:50::11]'],
        ['cluster.yaml', '192.168.50.21', '[192.168.50.21, fd00:50::21]'],
        ['cluster.yaml', '192.168.50.22', '[192.168.50.22, fd00:50::22]'],
      ],
      `network/family-order ${NETWORK}.pod_cidr`,
    ],
    [
      'a network for replication without nodes',
      CEPH,
      [['cluster.yaml', '10.20.8.0/24', '10.20.9.0/24']],
      'ceph/no-node-inside cluster.ceph.cluster_cidr',
    ],
    [
      'a public network without nodes',
      CEPH,
      [['cluster.yaml', 'cluster_cidr: 10.20.8.0/24', 'cluster_cidr: 10.20.8.0/24\n    public_cidr: 10.20.7.0/24']],
      'ceph/no-node-inside cluster.ceph.public_cidr',
    ],
    [
      'replication in the network of the pods',
      CEPH,
      [['cluster.yaml', '10.20.8.0/24', '10.244.0.0/16']],
      'network/overlap cluster.ceph.cluster_cidr',
    ],
  ])('%s', async (_, example, changes, said) => {
    expect((await found(example, changes)).map((one) => one.said)).toEqual([said]);
  });
});

describe('nodes', () => {
  test('an admin node that is not there may be a monitor', async () => {
    const changes: Change[] = [['cluster.yaml', '    replicas: 3', '    admin_nodes: [worker-09]\n    replicas: 3']];
    expect((await found(CEPH, changes)).map((one) => one.said)).toEqual([
      'ceph/unknown-admin-node cluster.ceph.admin_nodes[0]',
    ]);
  });

  test.each<[string, string, readonly Change[], string]>([
    ['master', 'master-01', [], 'add `hardware` with `mac_addresses` and `state_disk`'],
    ['worker', 'worker-01', [], 'add `hardware` with `mac_addresses` and `state_disk`'],
    [
      'OSD host',
      'worker-02',
      [
        ['cluster.yaml', '    roles: [master]', '    roles: [master, ceph-mon, ceph-mgr]'],
        ['cluster.yaml', '192.168.50.22\n    roles: [worker]', '192.168.50.22\n    roles: [worker, ceph-osd]\n'],
        ['cluster.yaml', '  kubernetes:\n', '  ceph: { replicas: 1, failure_domain: osd }\n  kubernetes:\n'],
      ],
      'add `hardware` with `mac_addresses`, `state_disk` and `osd_disks`',
    ],
  ])('without `hardware`: a %s', async (_, node, changes, hint) => {
    const file = `nodes/${node}.yaml`;
    const text = readFileSync(join(EXAMPLES, QUICK, file), 'utf8');
    const all = await found(QUICK, [...changes, [file, text, `node: { name: ${node} }\n`]]);
    expect(all.filter(({ said }) => !said.startsWith('ceph/'))).toEqual([{ said: 'node/no-mac node', hint }]);
  });
});

/** A service whose lines end in a given way. */
const service = (lines: readonly string[]): Change => [
  'cluster.yaml',
  '  users:\n',
  `  units:\n    - name: a.service\n      content: |\n${lines.map((line) => `        ${line}\n`).join('')}  users:\n`,
];

test.each<[string, readonly string[], string, string]>([
  [
    'no line `[Install]`',
    ['[Service]', 'ExecStart=/bin/true', 'WantedBy=multi-user.target'],
    'unit/not-enableable cluster.units[0].content',
    'write a line `[Install]` above it',
  ],
  [
    'a misspelt section',
    ['[Service]', 'ExecStart=/bin/true', '[Instal]', 'WantedBy=multi-user.target'],
    'unit/not-enableable cluster.units[0].content',
    'did you mean `[Install]`?',
  ],
  [
    'a misspelt setting',
    ['[Service]', 'ExecStart=/bin/true', '[Install]', 'WantdBy=multi-user.target'],
    'unit/not-enableable cluster.units[0].content',
    'did you mean `WantedBy=`?',
  ],
  [
    'a line that goes on',
    ['[Service]', 'ExecStart=/bin/true \\', '[Install]', 'WantedBy=multi-user.target'],
    'unit/not-enableable cluster.units[0].content',
    'remove the `\\` at the end of the line above `[Install]`: it joins the two lines',
  ],
])('a unit whose `[Install]` is not read: %s', async (_, lines, said, hint) => {
  expect(await found(QUICK, [service(lines)])).toEqual([{ said, hint }]);
});

test('the slip of a unit that need not be enabled is still reported', async () => {
  const lines = ['[Service]', 'ExecStart=/bin/true', 'RequiredBy=a.target', '[Install]', 'WantedBy=multi-user.target'];
  expect((await found(QUICK, [service(lines)])).map(({ said }) => said)).toEqual([
    'unit/ignored-line cluster.units[0].content',
  ]);
});

describe('a setting at the wrong place', () => {
  const inCluster = (lines: string): Change => ['cluster.yaml', '  users:\n', `  ${lines}\n  users:\n`];
  test.each<[string, Change, string, string]>([
    [
      'the URL of a mirror in its registry',
      inCluster("registries: [{ host: docker.io, url: 'https://m.lab.example' }]"),
      'cluster.registries[0].url',
      '`url` belongs in an entry of `mirrors`',
    ],
    [
      'the CA of a mirror in its registry',
      inCluster("registries: [{ host: docker.io, ca_file: ca.pem, mirrors: [{ url: 'https://m.lab.example' }] }]"),
      'cluster.registries[0].ca_file',
      '`ca_file` belongs in an entry of `mirrors`',
    ],
    [
      'the next hop of a route under another name',
      ['cluster.yaml', 'networking:\n', 'networking:\n    routes: [{ to: 10.9.0.0/16, gateway: 192.168.50.254 }]\n'],
      'cluster.networking.routes[0].gateway',
      'did you mean `via`?',
    ],
    [
      'the MTU of an interface in its node',
      ['cluster.yaml', '.22\n', '.22\n    mtu: 9000\n'],
      'nodes[2].mtu',
      '`mtu` belongs in an entry of `network.interfaces`',
    ],
    [
      'a setting of a file in another entry',
      ['cluster.yaml', 'sudo: true', 'sudo: true\n      timezone: UTC'],
      'cluster.users[0].timezone',
      '`timezone` belongs below `cluster`',
    ],
    [
      'the URL of the store beside it',
      inCluster("bootstrap: { url: 'https://vault.lab.example' }"),
      'cluster.bootstrap.url',
      '`url` belongs below `cluster.bootstrap.external`',
    ],
  ])('%s', async (_, change, place, hint) => {
    expect(await found(QUICK, [change])).toEqual([{ said: `config/unknown-key ${place}`, hint }]);
  });

  test.each([
    ['a user', ['cluster.yaml', 'sudo: true', 'sudo: true\n      type: x'] as const, 'cluster.users[0].type'],
    ['a pool', inCluster('ceph: { pools: [{ name: a, type: x }] }'), 'cluster.ceph.pools[0].type'],
  ])('no place of another list is named for %s', async (_, change, place) => {
    const all = (await found(QUICK, [change])).filter(({ said }) => !said.startsWith('ceph/'));
    expect(all.map(({ said }) => said)).toEqual([`config/unknown-key ${place}`]);
    expect(all[0]?.hint).toMatch(/^the settings of /);
  });
});

describe('hints that lead to a valid definition', () => {
  const sysctl = (value: string): Change => ['cluster.yaml', '  users:\n', `  sysctl: ${value}\n  users:\n`];
  const labels = (value: string): Change => ['cluster.yaml', '.22\n', `.22\n    labels: ${value}\n`];
  test.each<[string, Change, string]>([
    [
      'config/wrong-value cluster.sysctl[vm.swappiness]',
      sysctl('{ vm.swappiness: true }'),
      'the kernel has `1` for on',
    ],
    ['config/wrong-value cluster.sysctl[vm.swappiness]', sysctl('{ vm.swappiness: null }'), 'give it a value'],
    ['config/wrong-type cluster.sysctl[vm.swappiness]', sysctl('{ vm.swappiness: }'), 'give it a value'],
    ['config/wrong-value cluster.sysctl[vm.swappiness]', sysctl('{ vm.swappiness: 1.5 }'), ''],
    [
      'config/unquoted cluster.sysctl[kernel.core_pattern]',
      sysctl('{ kernel.core_pattern: 1.5 }'),
      "write '1.5' in quotes",
    ],
    ['config/wrong-type nodes[2].labels.a', labels('{ a: }'), 'give it a value; an empty text is `""`'],
    ['config/unquoted nodes[2].labels.a', labels('{ a: null }'), 'write `""` for an empty text, or \'null\' in quotes'],
    [
      'config/missing-key nodes[2].network.interfaces[1]',
      [
        'cluster.yaml',
        '.22\n',
        ".22\n    network: { interfaces: [{ name: lan, mac: '52:54:00:12:34:03', addresses: [192.168.50.22/24] }, { name: v, type: vlan, parent: lan, addresses: [10.9.0.1/24] }] }\n",
      ],
      'add it: VLAN ID',
    ],
    [
      'interface/unknown nodes[2].network.interfaces[0].parent',
      [
        'cluster.yaml',
        '.22\n',
        '.22\n    network: { interfaces: [{ name: v, type: vlan, id: 9, parent: lan, addresses: [192.168.50.22/24] }] }\n',
      ],
      'add it to `interfaces`; no other interface of the node can be there',
    ],
  ])('%s', async (said, change, hint) => {
    expect(await found(QUICK, [change])).toEqual([{ said, hint }]);
  });
});
