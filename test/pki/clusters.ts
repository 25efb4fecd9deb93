/**
 * Clusters for tests of keys and certificates, and a completed store for each; made once, because signing takes time.
 */
import type { Cluster } from '../../src/config/cluster.ts';
import { completeStore, type Circumstances } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { cluster, node } from '../render/cluster.ts';

export const NOW = new Date('2026-11-22T12:00:00Z');
export const BY: Circumstances = { now: NOW, random: systemRandomness };

const base = cluster();

/** Three machines, on addresses that are easy to read. */
export const lab: Cluster = cluster({
  networking: { ...base.networking, nodeCidrs: ['192.168.50.0/24'] },
  nodes: [
    node('master-01', 1, { ips: ['192.168.50.11'], roles: ['master'], bootRole: 'master-first' }),
    node('worker-01', 2, { ips: ['192.168.50.21'] }),
    node('worker-02', 3, { ips: ['192.168.50.22'] }),
  ],
});

/** Three masters with an end point and a virtual address, dual stack, a Ceph-only node, the join service. */
export const large: Cluster = cluster({
  name: 'prod',
  networking: {
    ...base.networking,
    nodeCidrs: ['192.168.50.0/24', 'fd00:50::/64'],
    podCidrs: ['10.244.0.0/16', 'fd00:244::/56'],
    serviceCidrs: ['10.96.0.0/12', 'fd00:96::/112'],
    clusterDomain: 'k8s.example',
  },
  controlPlane: {
    endpoint: 'api.example',
    virtualIp: '192.168.50.10',
    port: 7443,
    certSans: [],
    etcdSnapshots: { every: 21_600, keep: 12, store: null },
  },
  bootstrap: { ...base.bootstrap, tokenDistribution: 'http' },
  nodes: [
    ...[1, 2, 3].map((index) =>
      node(`master-0${index}`, index, {
        hostname: `Master-0${index}.prod.example`,
        ips: [`192.168.50.1${index}`, `fd00:50::1${index}`],
        roles: ['ceph-mon', 'master'],
        bootRole: index === 1 ? 'master-first' : 'master-additional',
      }),
    ),
    node('store-01', 4, { ips: ['192.168.50.31'], roles: ['ceph-osd'], bootRole: 'storage' }),
    node('worker-01', 5, { ips: ['192.168.50.21', 'fd00:50::21'] }),
    node('worker-02', 6, { ips: ['192.168.50.22', 'fd00:50::22'] }),
  ],
});

export const single: Cluster = cluster({
  name: 'solo',
  nodes: [node('alone', 1, { roles: ['master', 'worker'], bootRole: 'master-first' })],
});

export const external: Cluster = {
  ...large,
  name: 'remote',
  bootstrap: { ...base.bootstrap, tokenDistribution: 'external' },
};

export const clusters: readonly Cluster[] = [lab, large, single, external];

const stores = new Map<Cluster, Promise<Store>>();

/** The completed store of a cluster; the same one within a test file. */
export function storeOf(of: Cluster): Promise<Store> {
  const known = stores.get(of) ?? completeStore(null, needsOf(of), BY).then(({ store }) => store);
  stores.set(of, known);
  return known;
}

/** The cluster with one of its nodes changed. */
export function withNode(of: Cluster, name: string, change: Partial<Cluster['nodes'][number]>): Cluster {
  return { ...of, nodes: of.nodes.map((each) => (each.name === name ? { ...each, ...change } : each)) };
}
