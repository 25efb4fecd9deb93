/** Hints lead to a valid definition. Each definition is an example with one text replaced. */
import { describe, expect, test } from 'vitest';
import { type Change, QUICK, found } from './changed-example.ts';

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

test.each(['nodes/worker-01.yaml', 'nodes/keys.yml', 'coldstart.lock.yaml'])(
  'the secrets store is not %s',
  async (file) => {
    const change: Change = ['cluster.yaml', '  users:\n', `  secrets: { file: ${file} }\n  users:\n`];
    expect((await found(QUICK, [change])).map(({ said }) => said)).toEqual([
      'secrets/of-definition cluster.secrets.file',
    ]);
  },
);
