/** A cluster with every setting, with values that need escaping. All secrets are made up. */
import type { Cluster, Node } from '../../src/config/cluster.ts';
import type { OverlaySource } from '../../src/render/plan/sources.ts';
import { cluster, node, noDisk } from './cluster.ts';

const MASTER: Partial<Node> = {
  roles: ['ceph-mgr', 'ceph-mon', 'master'],
  bootRole: 'master-first',
  ips: ['192.168.50.11', 'fd00:50::11'],
  stateDisk: {
    ...{ byId: 'ata-QEMU_HARDDISK_QM00001', wwn: '0x5000c500a1b2c3d4', serial: 'S "4"', model: 'Disk $Model `X` \\ 1' },
    ...{ path: '/dev/disk/by-path/pci-0000:00:1f.2-ata-1', minSize: 40 * 2 ** 30, maxSize: 2 ** 41, rotational: false },
  },
  dataDisks: [
    {
      name: 'fast',
      disk: { ...noDisk, serial: 'DATA 1' },
      partitions: [
        { mount: '/var/lib/containerd', filesystem: 'ext4', size: 200 * 2 ** 30 },
        { mount: '/var/mnt/local-path', filesystem: 'xfs', size: null },
      ],
    },
  ],
  labels: { 'lab.example/rack': '1', on: 'yes' },
  taints: [{ key: 'dedicated', value: 'control', effect: 'NoSchedule' }],
  kernelArgs: ['intel_iommu=on', 'quiet'],
  kernelModules: ['nbd'],
  sysctl: { 'vm.swappiness': '1', 'net.ipv4.tcp_rmem': '4096 87380 6291456', 'kernel.panic': '30' },
  packages: ['tcpdump'],
  ntp: ['192.168.50.1', 'fd00:50::1', 'ntp.lab.example'],
  hosts: [{ ip: '192.168.50.5', hostnames: ['registry.lab.example', 'registry'] }],
  files: [
    {
      path: '/etc/motd',
      mode: 0o644,
      uid: 0,
      gid: 0,
      content: 'Welcome\n',
      secret: false,
      setting: 'cluster.files[0]',
    },
    {
      path: '/srv/app/token',
      mode: 0o400,
      uid: 1000,
      gid: 1000,
      content: 'made-up\n',
      secret: true,
      setting: 'nodes[worker-01].files[0]',
    },
  ],
  units: [
    {
      name: 'backup.timer',
      content: '[Timer]\nOnCalendar=daily\n\n[Install]\nWantedBy=timers.target\n',
      enabled: true,
      setting: 'cluster.units[0]',
    },
    {
      name: 'backup.service',
      content: '[Service]\nType=oneshot\nExecStart=/usr/bin/true\n',
      enabled: false,
      setting: 'cluster.units[1]',
    },
    {
      name: 'tunnel@.service',
      content: '[Service]\nExecStart=/usr/bin/sleep %i\n\n[Install]\nDefaultInstance=60\nWantedBy=multi-user.target\n',
      enabled: true,
      setting: 'nodes[worker-01].units[0]',
    },
  ],
  hooks: [
    { name: 'tune', when: 'after-network', content: '#!/bin/sh\nexit 0\n', setting: 'cluster.hooks[0]' },
    { name: 'report', when: 'after-join', content: '#!/bin/sh\nexit 0\n', setting: 'cluster.hooks[1]' },
    { name: 'announce', when: 'after-join', content: '#!/bin/sh\nexit 0\n', setting: 'cluster.hooks[2]' },
  ],
};

const STORAGE: Partial<Node> = {
  roles: ['ceph-osd'],
  bootRole: 'storage',
  stateDisk: { ...noDisk, minSize: 2 ** 35, rotational: true },
  osdDisks: [{ ...noDisk, serial: 'OSD1' }],
};

export function everything(): Cluster {
  const plain = cluster();
  return cluster({
    name: 'full',
    timezone: 'Europe/Berlin',
    networking: {
      ...plain.networking,
      searchDomains: ['lab.example'],
      ntp: ['192.168.50.1'],
      podCidrs: ['10.244.0.0/16', 'fd10::/56'],
      serviceCidrs: ['10.96.0.0/12', 'fd11::/112'],
      proxy: {
        http: 'http://robot:p%40ss@proxy.lab.example:3128',
        https: null,
        noProxy: ['.lab.example', '10.0.0.0/8'],
      },
    },
    controlPlane: {
      endpoint: 'api.lab.example',
      virtualIp: '192.168.50.10',
      port: 6443,
      certSans: [],
      etcdSnapshots: {
        ...{ every: 21_600, keep: 12 },
        store: {
          ...{ url: 'https://s3.lab.example/backups', region: 'eu-central-1', ca: '-----BEGIN CERTIFICATE-----\n' },
          credentials: 'AKIAMADEUP:made/up+secret=\n',
        },
      },
    },
    registries: [
      {
        host: 'docker.io',
        mirrors: [{ url: 'https://mirror.lab.example:5000', ca: '-----BEGIN CERTIFICATE-----\n', skipVerify: false }],
        auth: { username: 'robot', password: 'made "up" \\ $1' },
      },
      { host: 'registry.lab.example:5000', mirrors: [], auth: { username: 'robot', password: 'made-up' } },
      { host: '_default', mirrors: [{ url: 'http://[fd00:50::5]:5000', ca: null, skipVerify: true }], auth: null },
    ],
    ceph: {
      ...{ publicCidrs: ['10.0.0.0/8'], clusterCidrs: ['10.0.0.0/8'], replicas: 2, minReplicas: 1 },
      ...{ failureDomain: 'host', encryptionOnWire: true, dashboard: true, osdMemoryTarget: 2 ** 32 },
      ...{ adminNodes: ['master-01'], cephfs: true, csi: 'https://files.example/csi/deploy' },
      pools: [{ name: 'kubernetes', application: 'rbd', replicas: null }],
    },
    users: [
      { name: 'root', sshKeys: [KEY], groups: [], sudo: false, shell: '/bin/bash', passwordHash: '$y$j9T$made$up' },
      {
        name: 'alice',
        sshKeys: [KEY, KEY],
        groups: ['sudo', 'adm'],
        sudo: true,
        shell: '/bin/bash',
        passwordHash: null,
      },
      { name: 'bob', sshKeys: [], groups: [], sudo: false, shell: '/bin/sh', passwordHash: '$6$made$up' },
    ],
    ssh: { passwordAuthentication: true },
    nodes: [node('master-01', 1, MASTER), node('store-01', 2, STORAGE), node('worker-01', 3)],
  });
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKl6rc8aMTW8ZcbPbYBXaYAr2I6mYCeOtXF7bLjnMpcI alice@laptop "quoted"';

const file = (path: string, text: string, mode = 0o644): OverlaySource => ({
  ...{ path, mode, type: 'file' },
  content: new TextEncoder().encode(text),
});

/** The user's own overlays; the more special one wins. */
export const USER_OVERLAYS: readonly OverlaySource[] = [
  file('common/etc/vimrc', 'common\n'),
  file('common/usr/local/bin/hello', '#!/bin/sh\necho hello\n', 0o755),
  file('role-master/etc/vimrc', 'master\n'),
  file('node-worker-01/etc/vimrc', 'worker-01\n'),
  { path: 'common/etc/alternatives/editor', type: 'symlink', target: '/usr/bin/vim basic' },
];
