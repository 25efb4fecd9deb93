/** Makes definitions of any size, in files of their own as users write them, or all in one. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** 10.0.0.1 is the gateway. */
const FIRST = 2;
const MASTERS = 3;
/** One of so many workers has disks of Ceph. */
const OSDS = 10;
const NODE_NETWORK = { node_cidr: '10.0.0.0/16', gateway: '10.0.0.1', dns: ['10.0.0.1'], ntp: ['10.0.0.1'] };
const NETWORKS = { ...NODE_NETWORK, pod_cidr: '10.64.0.0/10', service_cidr: '10.128.0.0/16' };
const KUBERNETES = { version: '1.35.4', delivery: 'first-boot' };

/** Writes a `cluster.yaml` for `count` nodes (at most 60,000) into `folder`: one master, the others workers. */
export async function writeDefinition(folder: string, count: number): Promise<string> {
  const nodes = Array.from({ length: count }, (_, index) => {
    const role = index === 0 ? 'master' : 'worker';
    return { ...listed(role, index + FIRST, [role]), hardware: hardware(index + FIRST) };
  });
  const cluster = { name: 'bench', networking: NETWORKS, kubernetes: KUBERNETES };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'cluster.yaml'), JSON.stringify({ cluster, nodes })); // JSON is YAML
  return folder;
}

/**
 * Writes the definition of a fleet, with a file for each node: three masters with monitors, workers in racks, and each tenth
 * worker with two OSDs and a VLAN for them. @param count at least 10, at most 60,000
 */
export async function writeFleet(folder: string, count: number): Promise<string> {
  const indices = Array.from({ length: count }, (_, index) => index + FIRST);
  const fleet = indices.map((index) => {
    if (index < FIRST + MASTERS) return listed('master', index, ['master', 'ceph-mon', 'ceph-mgr']);
    return index % OSDS === 0 ? listed('storage', index, ['worker', 'ceph-osd']) : listed('worker', index, ['worker']);
  });
  const cluster = {
    name: 'fleet',
    networking: NETWORKS,
    kubernetes: KUBERNETES,
    control_plane: { endpoint: 'api.fleet.example', virtual_ip: '10.0.255.1' },
    ceph: { cluster_cidr: '10.1.0.0/16', pools: [{ name: 'kubernetes', application: 'rbd' }] },
    users: [{ name: 'admin', sudo: true, ssh_keys: [SSH_KEY] }],
    sysctl: { 'vm.swappiness': 10 },
  };
  await mkdir(join(folder, 'nodes'), { recursive: true });
  await writeFile(join(folder, 'cluster.yaml'), JSON.stringify({ cluster, nodes: fleet }, null, 2));
  for (const [position, { name, roles }] of fleet.entries()) {
    const node = fleetNode(name, position + FIRST, roles.includes('ceph-osd'));
    await writeFile(join(folder, 'nodes', `${name}.yaml`), JSON.stringify({ node }, null, 2));
  }
  return folder;
}

/** Of examples/; nobody has its private key. */
const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ replace-me@example';

function fleetNode(name: string, index: number, hasOsds: boolean): object {
  const [mac] = hardware(index).mac_addresses;
  const storage = { name: 'storage', type: 'vlan', id: 8, parent: 'lan', addresses: [`10.1.${lowBytes(index)}/16`] };
  return {
    name,
    hardware: { ...hardware(index), ...(hasOsds ? { osd_disks: [{ serial: 'osd-1' }, { serial: 'osd-2' }] } : {}) },
    network: {
      interfaces: [{ name: 'lan', mac, addresses: [`10.0.${lowBytes(index)}/16`] }, ...(hasOsds ? [storage] : [])],
    },
    labels: { 'topology.kubernetes.io/zone': `rack-${String(index % 40)}` },
  };
}

function listed(kind: string, index: number, roles: readonly string[]) {
  return { name: `${kind}-${String(index).padStart(5, '0')}`, ip: `10.0.${lowBytes(index)}`, roles };
}

function hardware(index: number) {
  const hex = index.toString(16).padStart(4, '0');
  return {
    mac_addresses: [`52:54:00:be:${hex.slice(0, 2)}:${hex.slice(2)}`] as const,
    state_disk: { serial: 'state' },
  };
}

const lowBytes = (index: number): string => `${String(index >> 8)}.${String(index & 255)}`;
