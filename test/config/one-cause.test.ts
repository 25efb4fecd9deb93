/**
 * Mistakes with several consequences: one diagnostic names the cause, at its place, and no other diagnostic follows from it.
 * Each definition is an example with one text replaced.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CEPH, type Change, EXAMPLES, QUICK, found } from './changed-example.ts';

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
