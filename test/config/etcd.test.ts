/** Where etcd is: the master's `ip`, or its address in the network of etcd, in its settings, its certificates and its scripts. */
import { expect, test } from 'vitest';
import type { Cluster } from '../../src/config/cluster.ts';
import { etcdAddress } from '../../src/config/etcd.ts';
import { certificatesOf } from '../../src/pki/issue/needs.ts';
import { renderNode } from '../../src/render/plan/plan.ts';
import { cluster, ethernet, node } from '../render/cluster.ts';
import { SOURCES } from '../render/sources.ts';

const master = (index: number) => {
  const { name, macs, ips } = node(`m-${String(index)}`, index);
  const addresses = [`${ips[0] ?? ''}/8`, `172.16.0.${String(index)}/24`];
  return node(name, index, {
    ...{ roles: ['master'], bootRole: index === 1 ? 'master-first' : 'master-additional' },
    interfaces: [ethernet('lan', macs[0] ?? '', { addresses })],
  });
};
const nodes = [master(1), master(2), node('w-1', 3)];
const plain = cluster({ nodes });
const withNetwork = (cidr: string): Cluster => ({
  ...plain,
  kubernetes: { ...plain.kubernetes, etcd: { ...plain.kubernetes.etcd, cidr } },
});
const apart = withNetwork('172.16.0.0/24');

function lines(of: Cluster, index: number, path: string): string[] {
  const subject = of.nodes[index] ?? master(1);
  const file = renderNode(of, subject, SOURCES).find((entry) => entry.path === path);
  const text = file?.type === 'file' ? new TextDecoder().decode(file.content) : '';
  return text.split('\n').filter((line) => /^ETCD_(LISTEN|ADVERTISE|INITIAL_ADVERTISE|IP|MASTER)/.test(line));
}
const serverAddresses = (of: Cluster) =>
  certificatesOf(of, master(2))
    .filter(({ id }) => /\/etcd-(server|peer)$/.test(id))
    .map(({ addresses }) => addresses.filter((one) => one.includes('.')));

test('members listen and are found there', () => {
  expect(lines(apart, 1, 'etc/etcd/etcd.env')).toEqual([
    'ETCD_LISTEN_PEER_URLS="https://172.16.0.2:2380"',
    'ETCD_INITIAL_ADVERTISE_PEER_URLS="https://172.16.0.2:2380"',
    'ETCD_LISTEN_CLIENT_URLS="https://172.16.0.2:2379,https://127.0.0.1:2379"',
    'ETCD_ADVERTISE_CLIENT_URLS="https://172.16.0.2:2379"',
    'ETCD_LISTEN_METRICS_URLS="http://127.0.0.1:2381"',
  ]);
});

test('masters know all of these addresses, workers none', () => {
  const path = 'etc/cluster-config/node.env';
  expect(lines(apart, 1, path)).toEqual(['ETCD_IP="172.16.0.2"', 'ETCD_MASTER_IPS="172.16.0.1 172.16.0.2"']);
  expect(lines(apart, 2, path)).toEqual([]);
});

test('certificates have them besides the addresses of the node', () => {
  const own = nodes[1]?.ips[0];
  expect(serverAddresses(plain)).toEqual([['127.0.0.1', own].toSorted(), ['127.0.0.1', own].toSorted()]);
  expect(serverAddresses(apart)).toEqual(Array.from({ length: 2 }, () => ['127.0.0.1', own, '172.16.0.2'].toSorted()));
});

test('without a network of its own, or in that of the nodes, nothing else is said', () => {
  expect(etcdAddress(plain, master(2))).toBe(nodes[1]?.ips[0]);
  const same = withNetwork('10.0.0.0/8');
  for (const path of ['etc/etcd/etcd.env', 'etc/cluster-config/node.env'])
    expect(lines(same, 1, path)).toEqual(lines(plain, 1, path));
  expect(lines(same, 1, 'etc/cluster-config/node.env')).toEqual([]);
});
