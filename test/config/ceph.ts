/**
 * Definitions with Ceph for tests, read by the real front end: the roles of each node, and the settings of
 * `cluster.ceph`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';
import { formatDiagnostics } from '../../src/diagnostics/format.ts';

interface Written {
  /** Roles by node; the n-th node has the n-th address of each network. */
  readonly nodes: Readonly<Record<string, string>>;
  /** The settings of `cluster.ceph`, in braces. */
  readonly ceph?: string;
  /** Of `control_plane`. */
  readonly port?: number;
  /** One network per family; the first address of a node is of the first. */
  readonly networks?: readonly string[];
  /** Selectors of each OSD host. */
  readonly disks?: string;
}

export const ALL_OF_CEPH = 'ceph-mon, ceph-mgr, ceph-osd';
/** Three machines that are storage and nothing else. */
export const STORAGE_ALONE = { 'store-a': ALL_OF_CEPH, 'store-b': ALL_OF_CEPH, 'store-c': ALL_OF_CEPH };

const IPV4 = '192.168.50.0/24';
export const IPV6 = 'fd00:50::/64';

/** Everything that Ceph can be asked for, beside Kubernetes; the administrator is on one monitor of three, and on an OSD host. */
export const BESIDE: Written = {
  nodes: {
    'm-1': 'master, ceph-mon, ceph-mgr',
    'm-2': 'worker, ceph-mon, ceph-mgr, ceph-osd',
    'm-3': 'ceph-mon, ceph-osd',
    'o-4': 'ceph-osd',
    'w-5': 'worker',
  },
  ceph: `{ encryption_on_wire: true, dashboard: true, cephfs: true, osd_memory_target: 2G, admin_nodes: [o-4, m-2],
    pools: [{ name: fast, replicas: 2 }, { name: Slow_1 }, { name: home, application: cephfs }] }`,
};

/** IPv6, without Kubernetes, and without a second copy of anything. */
export const ALONE: Written = {
  nodes: STORAGE_ALONE,
  networks: [IPV6],
  ceph: '{ dashboard: true, failure_domain: osd, replicas: 1 }',
};

/** What the front end says of a definition. */
export async function load({
  nodes,
  ceph = '{}',
  port = 6443,
  networks = [IPV4],
  disks = '{ serial: osd-1 }, { rotational: true, min_size: 1T }',
}: Written) {
  const addresses = (index: number): string =>
    networks.map((cidr) => `'${cidr.replace(/0?\/\d+$/, String(index + 11))}'`).join(', ');
  const lines = [
    'cluster:',
    '  name: store',
    '  networking:',
    `    node_cidr: [${networks.map((cidr) => `'${cidr}'`).join(', ')}]`,
    '    gateway: none',
    `    dns: ['${networks[0]?.replace(/0?\/\d+$/, '2') ?? ''}']`,
    '  users:',
    "    - { name: admin, ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ a'] }",
    `  ceph: ${ceph}`,
    `  control_plane: { port: ${String(port)} }`,
    'nodes:',
    ...Object.entries(nodes).flatMap(([name, roles], index) => [
      `  - name: ${name}`,
      `    ip: [${addresses(index)}]`,
      `    roles: [${roles}]`,
      '    hardware:',
      `      mac_addresses: ['52:54:00:12:35:${String(index + 10)}']`,
      '      state_disk: { serial: state }',
      ...(roles.includes('ceph-osd') ? [`      osd_disks: [${disks}]`] : []),
    ]),
  ];
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-ceph-'));
  try {
    await writeFile(join(folder, 'cluster.yaml'), `${lines.join('\n')}\n`);
    const { value, diagnostics, frame } = await loadCluster(folder);
    return { value, diagnostics, text: formatDiagnostics(diagnostics, { colour: false, frame }) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The cluster of a definition that is to be faultless. */
export async function sound(written: Written): Promise<Cluster> {
  const { value, text } = await load(written);
  if (value === undefined) throw new Error(text);
  return value;
}
