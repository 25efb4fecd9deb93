/**
 * Clusters for tests of the renderer: three machines, with any part replaced. Built by hand, so that a test of the
 * renderer does not depend on the front end.
 */
import type { Bond, Bridge, Cluster, Ethernet, Node, Vlan } from '../../src/config/cluster.ts';

/** Interfaces without addresses; spread over them what a case is about. */
const PLAIN = {
  mtu: null,
  addresses: [],
  leased: [],
  gateways: [],
  routes: [],
  dns: [],
  searchDomains: [],
  dhcp4: false,
  autoconf6: false,
  routeMetric: null,
  useDns: true,
  useRoutes: true,
};

type Of<T> = Partial<Omit<T, 'type' | 'name'>>;

export const ethernet = (name: string, mac: string | null, of: Of<Ethernet> = {}): Ethernet => ({
  ...PLAIN,
  ...of,
  type: 'ethernet',
  name,
  mac,
  match: of.match ?? null,
});

export const bond = (name: string, ports: readonly string[], of: Of<Bond> = {}): Bond => ({
  ...PLAIN,
  ...{ mode: 'active-backup', options: { miimon: '100' } },
  ...of,
  type: 'bond',
  name,
  ports,
});

export const vlan = (name: string, parent: string, id: number, of: Of<Vlan> = {}): Vlan => ({
  ...PLAIN,
  ...of,
  type: 'vlan',
  name,
  parent,
  id,
});

export const bridge = (name: string, ports: readonly string[], of: Of<Bridge> = {}): Bridge => ({
  ...PLAIN,
  stp: false,
  ...of,
  type: 'bridge',
  name,
  ports,
});

export const noDisk: NonNullable<Node['stateDisk']> = {
  ...{ byId: null, wwn: null, serial: null, model: null, path: null },
  ...{ minSize: null, maxSize: null, rotational: null },
};

/** Stands in a node for what {@link cluster} fills in from the cluster. */
const UNSAID: Pick<Node, 'nodeCidrs' | 'users' | 'proxy' | 'registries'> = {
  nodeCidrs: [],
  users: [],
  proxy: { http: null, https: null, noProxy: [] },
  registries: [],
};

/** As the front end does it: a node without values of its own has the cluster's. */
function withCommon(of: Cluster): Cluster {
  const nodes = of.nodes.map((each) => ({
    ...each,
    nodeCidrs: each.nodeCidrs === UNSAID.nodeCidrs ? of.networking.nodeCidrs : each.nodeCidrs,
    users: each.users === UNSAID.users ? of.users : each.users,
    proxy: each.proxy === UNSAID.proxy ? of.networking.proxy : each.proxy,
    registries: each.registries === UNSAID.registries ? of.registries : each.registries,
  }));
  return { ...of, nodes };
}

/** The `index`-th node of a cluster, a worker unless told otherwise; 1 to 65000. */
export function node(name: string, index: number, of: Partial<Node> = {}): Node {
  const hex = index.toString(16).padStart(4, '0');
  const mac = `52:54:00:12:${hex.slice(0, 2)}:${hex.slice(2)}`;
  const ip = `10.${String(20 + (index >> 8))}.${String(index & 255)}.11`;
  return {
    name,
    hostname: `${name}.lab.example`,
    ips: [ip],
    roles: ['worker'],
    bootRole: 'worker',
    macs: [mac],
    stateDisk: null,
    osdDisks: [],
    dataDisks: [],
    interfaces: [ethernet('lan', mac, { addresses: [`${ip}/8`], gateways: ['10.0.0.1'], dns: ['10.0.0.1'] })],
    labels: {},
    annotations: {},
    taints: [],
    kubelet: { config: null, extraArgs: {} },
    ntp: ['10.0.0.1'],
    hosts: [],
    ...UNSAID,
    ...{ kernelArgs: [], kernelModules: [], sysctl: {}, packages: [], files: [], units: [], hooks: [] },
    ...of,
  };
}

const MASTER: Partial<Node> = {
  roles: ['master'],
  bootRole: 'master-first',
  stateDisk: { ...noDisk, serial: 'S4EVNF0M123456' },
};

/** `master-01`, `worker-01`, `worker-02`: the usual test scenario. */
export function cluster(of: Partial<Cluster> = {}): Cluster {
  return withCommon({
    name: 'lab',
    domain: 'lab.example',
    timezone: 'Etc/UTC',
    networking: {
      nodeCidrs: ['10.0.0.0/8'],
      gateways: ['10.0.0.1'],
      dns: ['10.0.0.1'],
      searchDomains: [],
      routes: [],
      ntp: ['10.0.0.1'],
      mtu: null,
      podCidrs: ['10.244.0.0/16'],
      serviceCidrs: ['10.96.0.0/12'],
      nodePodPrefixes: [24],
      cni: 'routed',
      calicoManifest: null,
      clusterDomain: 'cluster.local',
      proxy: null,
    },
    controlPlane: {
      endpoint: null,
      virtualIp: null,
      port: 6443,
      certSans: [],
      etcdSnapshots: { every: 21_600, keep: 12, store: null },
    },
    kubernetes: {
      ...{ version: '1.35.4', delivery: 'first-boot', mirror: null, manifests: [], images: [] },
      containerd: {
        source: 'debian',
        version: '1.7.24',
        runcVersion: '1.4.3',
        mirror: 'https://github.com',
        config: null,
      },
      kubelet: { config: null, extraArgs: {} },
      kubeProxy: { enabled: true, config: null },
      coredns: { enabled: true },
      apiServer: { extraArgs: {}, admission: null, authentication: null, auditPolicy: null },
      controllerManager: { extraArgs: {} },
      scheduler: { config: null, extraArgs: {} },
      etcd: { cidr: null, extraArgs: {} },
    },
    registries: [],
    bootstrap: { tokenDistribution: 'embedded', token: null, tokenTtl: 86_400, port: 6444, external: null },
    ceph: null,
    update: null,
    image: {
      ...{
        formats: ['iso'],
        install: false,
        suite: 'trixie',
        mirrors: [],
        nonFreeFirmware: true,
        compressionLevel: 15,
      },
      consoles: ['tty0', 'ttyS0,115200'],
    },
    secrets: { file: 'cluster.secrets.yaml', recipients: [] },
    users: [],
    ssh: { passwordAuthentication: false },
    lock: null,
    nodes: [node('master-01', 1, MASTER), node('worker-01', 2), node('worker-02', 3)],
    ...of,
  });
}

/** A cluster of one worker with these interfaces; its MACs and addresses follow from them. */
export function withInterfaces(...interfaces: Node['interfaces']): Cluster {
  const macs = interfaces.flatMap((of) => (of.type === 'ethernet' ? (of.mac ?? []) : []));
  const ips = interfaces.flatMap((of) => of.addresses.map((address) => address.replace(/\/.*/, '')));
  return cluster({ nodes: [node('worker-01', 1, { interfaces, macs, ips: ips.slice(0, 1) })] });
}
