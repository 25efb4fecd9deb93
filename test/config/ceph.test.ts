/** Defaults of a definition with few settings of Ceph, and clusters that need no Kubernetes. */
import { expect, test } from 'vitest';
import { clusterAddress, publicAddress, sizesOf } from '../../src/config/ceph.ts';
import { ALL_OF_CEPH, IPV6, load, sound, STORAGE_ALONE } from './ceph.ts';

const KUBERNETES_TOO = { 'm-1': `master, worker, ${ALL_OF_CEPH}`, ...STORAGE_ALONE, 'store-d': 'ceph-osd' };
const codesOf = async (written: Parameters<typeof load>[0]): Promise<string[]> =>
  (await load(written)).diagnostics.map(({ code }) => code);

test('a cluster of Ceph nodes alone is valid, and nobody asks for masters', async () => {
  expect(await codesOf({ nodes: STORAGE_ALONE })).toEqual([]);
  expect((await sound({ nodes: STORAGE_ALONE })).nodes.map(({ bootRole }) => bootRole)).toEqual(
    Array.from({ length: 3 }, () => 'storage'),
  );
});

test('workers, or nodes that do nothing at all, still need a master', async () => {
  expect(await codesOf({ nodes: { ...STORAGE_ALONE, 'w-1': 'worker' } })).toContain('cluster/no-master');
  expect(await codesOf({ nodes: { ...STORAGE_ALONE, 'm-1': 'master' } })).toContain('cluster/no-worker');
});

test('Kubernetes gets a pool unless pools are named; storage alone gets none', async () => {
  const pools = async (written: Parameters<typeof load>[0]) =>
    (await sound(written)).ceph?.pools.map(({ name, application }) => `${name} ${application}`);
  expect(await pools({ nodes: KUBERNETES_TOO })).toEqual(['kubernetes rbd']);
  expect(await pools({ nodes: KUBERNETES_TOO, ceph: '{ pools: [] }' })).toEqual([]);
  expect(await pools({ nodes: KUBERNETES_TOO, ceph: '{ pools: [{ name: disks }] }' })).toEqual(['disks rbd']);
  expect(await pools({ nodes: STORAGE_ALONE })).toEqual([]);
});

test('drivers for volumes come along where Kubernetes has a pool to take them from, from upstream or elsewhere', async () => {
  const csi = async (written: Parameters<typeof load>[0]) => (await sound(written)).ceph?.csi;
  const upstream = /^https:\/\/raw\.githubusercontent\.com\/ceph\/ceph-csi\/v3\.\d+\.\d+\/deploy$/;
  expect(await csi({ nodes: KUBERNETES_TOO })).toMatch(upstream);
  expect(await csi({ nodes: KUBERNETES_TOO, ceph: '{ cephfs: true, pools: [] }' })).toMatch(upstream);
  expect(await csi({ nodes: KUBERNETES_TOO, ceph: '{ csi_url: http://mirror.example/csi/ }' })).toBe(
    'http://mirror.example/csi',
  );
  expect(await csi({ nodes: KUBERNETES_TOO, ceph: '{ csi: false }' })).toBeNull();
  expect(await csi({ nodes: KUBERNETES_TOO, ceph: '{ pools: [] }' })).toBeNull();
  expect(await csi({ nodes: STORAGE_ALONE, ceph: '{ cephfs: true }' })).toBeNull();
});

test('settings of drivers that nobody gets are told so', async () => {
  const written = '{ csi: true, csi_url: http://mirror.example/csi }';
  const messages = async (nodes: Record<string, string>, ceph: string) =>
    (await load({ nodes, ceph })).diagnostics
      .filter(({ code }) => code === 'ceph/csi-unused')
      .map(({ message }) => message);
  const said = (name: string): string =>
    `\`${name}\` is for the drivers of Ceph volumes in Kubernetes, but Kubernetes has no pool here to take them from.`;
  expect(await messages(STORAGE_ALONE, written)).toEqual([said('csi'), said('csi_url')]);
  expect(await messages(STORAGE_ALONE, '{ csi: false }')).toEqual([]);
  expect(await messages(KUBERNETES_TOO, written)).toEqual([]);
});

test('a file system has a pool for its own affairs and one for data, named or not', async () => {
  const pools = async (ceph: string) =>
    (await sound({ nodes: STORAGE_ALONE, ceph })).ceph?.pools.map(({ name, application }) => `${name} ${application}`);
  expect(await pools('{ cephfs: true }')).toEqual(['cephfs_metadata cephfs', 'cephfs_data cephfs']);
  const named = '{ cephfs: true, pools: [{ name: home, application: cephfs }, { name: disks }] }';
  expect(await pools(named)).toEqual(['home cephfs', 'disks rbd', 'cephfs_metadata cephfs']);
  const own = '{ cephfs: true, pools: [{ name: cephfs_metadata, application: cephfs, replicas: 2 }] }';
  expect(await pools(own)).toEqual(['cephfs_metadata cephfs', 'cephfs_data cephfs']);
});

test.each([
  ['{}', { size: 3, minSize: 2 }, { size: 3, minSize: 2 }],
  ['{ replicas: 4, min_replicas: 2 }', { size: 4, minSize: 2 }, { size: 4, minSize: 2 }],
  ['{ pools: [{ name: a, replicas: 2 }] }', { size: 3, minSize: 2 }, { size: 2, minSize: 1 }],
  ['{ pools: [{ name: a, replicas: 4 }] }', { size: 3, minSize: 2 }, { size: 4, minSize: 3 }],
])('%s: copies follow the number of hosts, a pool of its own asks for one less', async (written, all, pool) => {
  const { ceph } = await sound({ nodes: KUBERNETES_TOO, ceph: written });
  expect({ size: ceph?.replicas, minSize: ceph?.minReplicas }).toEqual(all);
  expect(sizesOf(ceph!, ceph!.pools[0]!)).toEqual(pool);
});

test('the first network decides which family of addresses Ceph speaks', async () => {
  const addresses = async (networks: readonly string[], ceph = '{}') => {
    const { ceph: of, nodes } = await sound({ nodes: STORAGE_ALONE, networks, ceph });
    return [publicAddress(of!, nodes[0]!), clusterAddress(of!, nodes[0]!)];
  };
  expect(await addresses(['192.168.50.0/24', IPV6])).toEqual(['192.168.50.11', '192.168.50.11']);
  expect(await addresses([IPV6, '192.168.50.0/24'])).toEqual(['fd00:50::11', 'fd00:50::11']);
  expect(await addresses([IPV6])).toEqual(['fd00:50::11', 'fd00:50::11']);
  expect(await addresses(['192.168.50.0/24', IPV6], `{ public_cidr: '${IPV6}' }`)).toEqual([
    ...['fd00:50::11', 'fd00:50::11'],
  ]);
});

test('with disks as failure domains, copies are counted against selectors that name one disk each', async () => {
  const open = '{ rotational: true, min_size: 1T }';
  const written = { nodes: { 'store-a': ALL_OF_CEPH }, ceph: '{ failure_domain: osd, replicas: 3 }' };
  expect(await codesOf(written)).not.toContain('ceph/too-many-replicas');
  expect(await codesOf({ ...written, disks: `{ serial: osd-1 }, { serial: osd-2 }` })).toContain(
    'ceph/too-many-replicas',
  );
  expect(await codesOf({ ...written, disks: `{ serial: osd-1 }, ${open}` })).not.toContain('ceph/too-many-replicas');
});

test('networks of Ceph in a family that no node has are reported once each', async () => {
  const { diagnostics } = await load({
    nodes: STORAGE_ALONE,
    networks: ['192.168.50.0/24'],
    ceph: `{ public_cidr: ['${IPV6}', 192.168.50.0/24], cluster_cidr: '${IPV6}' }`,
  });
  expect(diagnostics.map(({ code, at }) => `${code} ${at?.path ?? ''}`)).toEqual([
    'ceph/no-node-inside cluster.ceph.public_cidr',
    'ceph/no-node-inside cluster.ceph.cluster_cidr',
  ]);
});

test.each([
  ['master, worker', []],
  ['master, worker, ceph-mon', [3300, 6789]],
  ['master, worker, ceph-mgr', [7443]],
  ['master, worker, ceph-osd', [7443]],
])('on a master that is %s, Ceph takes the ports %j from the API server', async (roles, taken) => {
  const nodes = { 'm-1': roles, ...STORAGE_ALONE };
  const ports = [3300, 6789, 7443];
  const codes = await Promise.all(ports.map((port) => codesOf({ nodes, port })));
  expect(ports.filter((_, index) => codes[index]?.includes('network/port-taken'))).toEqual(taken);
});
