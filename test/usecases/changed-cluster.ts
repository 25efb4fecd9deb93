/**
 * The changes of a definition in docs/CHANGES.md. Each one is an edit of a cluster of three masters, two workers, three monitors and
 * four storage nodes, with the nodes whose images it must change.
 */

/** A definition as plain data, in the notation of cluster.yaml. */
export interface Definition {
  readonly cluster: Record<string, unknown>;
  readonly nodes: Written[];
}

interface Written {
  readonly name: string;
  ip: string;
  roles: string[];
  hardware: { mac_addresses: string[]; state_disk: object; osd_disks?: object[] };
  [setting: string]: unknown;
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKl6rc8aMTW8ZcbPbYBXaYAr2I6mYCeOtXF7bLjnMpcI admin';

function written(name: string, host: number, roles: readonly string[]): Written {
  const isStorage = roles.includes('ceph-osd');
  return {
    ...{ name, ip: `192.168.50.${String(host)}`, roles: [...roles] },
    hardware: {
      mac_addresses: [`52:54:00:12:50:${host.toString(16).padStart(2, '0')}`],
      state_disk: { serial: `state-${name}` },
      ...(isStorage ? { osd_disks: [{ serial: `osd-${name}` }] } : {}),
    },
  };
}

/** @param masters how many */
export function definition(masters = 3): Definition {
  const several = (count: number, letter: string, from: number, roles: readonly string[]) =>
    Array.from({ length: count }, (_, index) => written(`${letter}-${String(index + 1)}`, from + index, roles));
  return {
    cluster: {
      ...{ name: 'lab', kubernetes: { version: '1.35.4', delivery: 'first-boot' } },
      networking: {
        ...{ node_cidr: '192.168.50.0/24', gateway: '192.168.50.1', dns: ['192.168.50.1'], ntp: ['192.168.50.1'] },
        ...{ pod_cidr: '10.244.0.0/16', service_cidr: '10.96.0.0/12' },
      },
      control_plane: { virtual_ip: '192.168.50.5' },
      users: [{ name: 'admin', ssh_keys: [KEY], sudo: true }],
      ceph: { replicas: 3 },
    },
    nodes: [
      ...several(masters, 'm', 11, ['master']),
      ...several(2, 'w', 21, ['worker']),
      ...several(3, 'c', 31, ['ceph-mon', 'ceph-mgr']),
      ...several(4, 'o', 41, ['ceph-osd']),
    ],
  };
}

const UNIT = '[Service]\nExecStart=/usr/bin/true\n\n[Install]\nWantedBy=multi-user.target\n';

type Edit = (to: Definition) => void;

/** Sets of nodes, by the words of the table. */
type Roles = readonly string[];
export const SETS = {
  'that node': () => false,
  masters: (roles: Roles) => roles.includes('master'),
  members: (roles: Roles) => roles.includes('master') || roles.includes('worker'),
  monitors: (roles: Roles) => roles.includes('ceph-mon'),
  'Ceph nodes': (roles: Roles) => roles.some((role) => role.startsWith('ceph-')),
  'masters and Ceph nodes': (roles: Roles) => !roles.includes('worker') || roles.length > 1,
  'every node': () => true,
} as const satisfies Record<string, (roles: Roles) => boolean>;

/** A row of the table: the change as it names it, and an edit for each kind of node that it is about. */
interface Change {
  readonly change: string;
  /** Besides the node that was edited. */
  readonly differ: keyof typeof SETS;
  readonly edits: readonly {
    readonly node: string | null;
    readonly edit: Edit;
    readonly masters?: number;
    /** What the definition has besides, before and after. */
    readonly before?: Edit;
  }[];
}

const on = (name: string, edit: (node: Written) => void) => ({
  node: name,
  edit: ({ nodes }: Definition) => nodes.filter((node) => node.name === name).forEach(edit),
});
const add = (node: Written) => ({ node: node.name, edit: ({ nodes }: Definition) => void nodes.push(node) });
const remove = (name: string) => ({
  node: name,
  edit: ({ nodes }: Definition) =>
    void nodes.splice(
      nodes.findIndex((node) => node.name === name),
      1,
    ),
});
const cluster = (edit: (cluster: Record<string, unknown>) => void) => ({
  node: null,
  edit: (to: Definition) => {
    edit(to.cluster);
  },
});
/** Settings that are added to `cluster.kubernetes`. */
const kubernetes = (settings: object) =>
  cluster((to) => (to['kubernetes'] = { ...(to['kubernetes'] as object), ...settings }));
const network = (to: Record<string, unknown>): Record<string, unknown> => to['networking'] as Record<string, unknown>;

const withEtcdNetwork = (to: Record<string, unknown>): void => {
  to['kubernetes'] = { version: '1.35.4', delivery: 'first-boot', etcd: { cidr: '10.20.0.0/24' } };
};
const addSecondAddress = (node: Written, address: string): void => {
  const [mac] = node.hardware.mac_addresses;
  node['network'] = { interfaces: [{ name: 'lan', mac, addresses: [`${node.ip}/24`, `${address}/24`] }] };
};
const withSecondAddresses = ({ nodes }: Definition): void => {
  nodes
    .filter(({ roles }) => roles.includes('master'))
    .forEach((node) => {
      addSecondAddress(node, node.ip.replace('192.168.50', '10.20.0'));
    });
};

/** The same setting on a master, a worker, a monitor and a storage node. */
const onEach = (edit: (node: Written) => void) => ['m-1', 'w-1', 'c-1', 'o-1'].map((name) => on(name, edit));

export const CHANGES: readonly Change[] = [
  {
    change: 'a label or taint',
    differ: 'that node',
    edits: ['m-1', 'w-1'].map((name) =>
      on(name, (node) => {
        node['labels'] = { rack: 'r1' };
        node['taints'] = [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }];
      }),
    ),
  },
  {
    change: 'a disk',
    differ: 'that node',
    edits: [
      ...onEach((node) => (node.hardware.state_disk = { serial: 'new' })),
      on('o-1', (node) => void node.hardware.osd_disks?.push({ serial: 'further' })),
    ],
  },
  {
    change: 'a network card',
    differ: 'that node',
    edits: onEach((node) => (node.hardware.mac_addresses = ['52:54:00:12:50:ff'])),
  },
  {
    change:
      'a file, unit, hook, package, user, kernel argument, kernel module, kernel setting or time server of a node',
    differ: 'that node',
    edits: onEach((node) => {
      node['files'] = [{ path: '/etc/motd', content: 'Hello\n' }];
      node['units'] = [{ name: 'note.service', content: UNIT }];
      node['hooks'] = [{ name: 'note', when: 'after-network', content: '#!/bin/sh\n' }];
      node['packages'] = ['vim'];
      node['users'] = [{ name: 'guest', ssh_keys: [KEY] }];
      node['kernel_args'] = ['quiet'];
      node['kernel_modules'] = ['nbd'];
      node['sysctl'] = { 'vm.swappiness': '1' };
      node['network'] = { ntp: ['192.168.50.2'] };
    }),
  },
  {
    change: 'the address or host name of a worker or storage node',
    differ: 'that node',
    edits: ['w-1', 'o-1'].flatMap((name) => [
      on(name, (node) => (node.ip = '192.168.50.77')),
      on(name, (node) => (node['hostname'] = 'other')),
    ]),
  },
  {
    change: 'a further or a removed worker, storage node or manager',
    differ: 'that node',
    edits: [
      add(written('w-9', 61, ['worker'])),
      add(written('o-9', 62, ['ceph-osd'])),
      add(written('a-0', 63, ['worker', 'ceph-osd'])),
      add(written('c-9', 64, ['ceph-mgr'])),
      remove('w-1'),
      remove('o-1'),
    ],
  },
  {
    change: 'a further role of a worker or storage node, except `master` and `ceph-mon`',
    differ: 'that node',
    edits: [
      on('w-1', (node) => {
        node.roles.push('ceph-osd');
        node.hardware.osd_disks = [{ serial: 'osd-w-1' }];
      }),
      on('o-1', (node) => node.roles.push('worker')),
      on('o-1', (node) => node.roles.push('ceph-mgr')),
      on('m-2', (node) => node.roles.push('worker')),
    ],
  },
  {
    change: 'a further or a removed master behind the first three',
    differ: 'masters',
    edits: [add(written('m-4', 14, ['master'])), { ...remove('m-4'), masters: 4 }],
  },
  {
    change: 'a further or a removed master among the first three',
    differ: 'every node',
    edits: [
      { ...add(written('m-2', 12, ['master'])), masters: 1 },
      remove('m-2'),
      add(written('a-1', 14, ['master'])),
      { ...remove('m-2'), masters: 4 },
    ],
  },
  {
    change: 'the address or host name of one of the first three masters',
    differ: 'every node',
    edits: [on('m-1', (node) => (node.ip = '192.168.50.77')), on('m-3', (node) => (node['hostname'] = 'other'))],
  },
  {
    change: 'the address or host name of a further master',
    differ: 'masters',
    edits: [
      { ...on('m-4', (node) => (node.ip = '192.168.50.77')), masters: 4 },
      { ...on('m-4', (node) => (node['hostname'] = 'other')), masters: 4 },
    ],
  },
  {
    change: 'a further or a removed monitor behind the first three',
    differ: 'monitors',
    edits: [add(written('c-4', 34, ['ceph-mon'])), on('w-1', (node) => node.roles.push('ceph-mon'))],
  },
  {
    change: 'a further or a removed monitor among the first three, or its address',
    differ: 'masters and Ceph nodes',
    edits: [add(written('a-1', 34, ['ceph-mon'])), remove('c-3'), on('c-1', (node) => (node.ip = '192.168.50.77'))],
  },
  {
    change: 'the host name of one of the first three monitors',
    differ: 'Ceph nodes',
    edits: [on('c-1', (node) => (node['hostname'] = 'other'))],
  },
  {
    change: 'a pool, the drivers for volumes, encryption on the wire',
    differ: 'masters and Ceph nodes',
    edits: [
      cluster((to) => (to['ceph'] = { replicas: 3, pools: [{ name: 'vms', application: 'rbd' }] })),
      cluster((to) => (to['ceph'] = { replicas: 3, csi: false })),
      cluster((to) => (to['ceph'] = { replicas: 3, encryption_on_wire: true })),
    ],
  },
  {
    change: "the dashboard, the OSDs' memory",
    differ: 'Ceph nodes',
    edits: [
      cluster((to) => (to['ceph'] = { replicas: 3, dashboard: true })),
      cluster((to) => (to['ceph'] = { replicas: 3, osd_memory_target: '4G' })),
    ],
  },
  {
    change: 'the number of copies',
    differ: 'monitors',
    edits: [cluster((to) => (to['ceph'] = { replicas: 2 }))],
  },
  {
    change: 'the network of etcd, or the address of a master there',
    differ: 'masters',
    edits: [
      { ...cluster(withEtcdNetwork), before: withSecondAddresses },
      {
        ...on('m-2', (node) => {
          addSecondAddress(node, '10.20.0.77');
        }),
        before: (to) => {
          withSecondAddresses(to);
          withEtcdNetwork(to.cluster);
        },
      },
    ],
  },
  {
    change:
      'the snapshots of etcd, how long a node may join, a setting of etcd, API servers, controller managers, schedulers or CoreDNS',
    differ: 'masters',
    edits: [
      cluster((to) => (to['control_plane'] = { virtual_ip: '192.168.50.5', etcd_snapshots: { keep: 0 } })),
      cluster((to) => (to['control_plane'] = { virtual_ip: '192.168.50.5', etcd_snapshots: { every: '1h' } })),
      cluster((to) => (to['bootstrap'] = { token_distribution: 'http', token_ttl: '48h' })),
      ...['etcd', 'api_server', 'controller_manager', 'scheduler'].map((program) =>
        kubernetes({ [program]: { extra_args: { 'feature-gates': 'A=true' } } }),
      ),
      kubernetes({ coredns: { enabled: false } }),
    ],
  },
  {
    change: 'the version of Kubernetes, a setting of the kubelets, kube-proxy or containerd',
    differ: 'members',
    edits: [
      kubernetes({ version: '1.35.3' }),
      kubernetes({ kubelet: { config: { maxPods: 50 } } }),
      kubernetes({ kube_proxy: { config: { conntrack: { min: 1000 } } } }),
      kubernetes({ containerd: { config: { debug: { level: 'info' } } } }),
    ],
  },
  {
    change: 'the network, users, packages, files or another setting of all nodes',
    differ: 'every node',
    edits: [
      cluster((to) => (network(to)['ntp'] = ['192.168.50.2'])),
      cluster((to) => (network(to)['dns'] = ['192.168.50.2'])),
      cluster((to) => (to['timezone'] = 'Europe/Berlin')),
      cluster((to) => (to['image'] = { packages: ['vim'] })),
      cluster((to) => (to['image'] = { compression_level: 9 })),
      cluster((to) => (to['files'] = [{ path: '/etc/motd', content: 'Hello\n' }])),
      cluster((to) => (to['users'] = [{ name: 'other', ssh_keys: [KEY], sudo: true }])),
    ],
  },
];
