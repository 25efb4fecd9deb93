/** What happens when the machines are switched on for the first time, step by step, with the values of this cluster. Pure. */
import type { Cluster, Node } from '../config/cluster.ts';
import { hasRole, isCephNode, isMaster, isMember } from '../config/roles.ts';
import { quantity } from '../diagnostics/quantity.ts';
import type { ReportFacts } from '../usecases/report.ts';

interface BootStep {
  readonly title: string;
  /** The nodes that do it, e.g. `3 masters`. */
  readonly who: string;
  /** Units that do it, without `.service`. */
  readonly units: readonly string[];
  readonly what: readonly string[];
  /** What the node does where it cannot go on; null where nothing can stop it. */
  readonly unless: string | null;
}

/** The steps in their order. overlays/README.md and docs/TROUBLESHOOTING.md describe the units and their refusals. */
export function firstBoot({ cluster, plan }: Pick<ReportFacts, 'cluster' | 'plan'>): readonly BootStep[] {
  const drafts = [
    ...machineSteps(cluster, plan),
    hookStep(cluster),
    ...kubernetesSteps(cluster),
    cephStep(cluster),
    {
      nodes: cluster.nodes,
      title: 'In service',
      units: ['cluster-mark-good', 'cluster-watch'],
      what: serviceText(cluster),
    },
  ];
  return drafts
    .filter(({ nodes }) => nodes.length > 0)
    .map(({ nodes, title, units, what, unless = null }) => ({
      title,
      who: whoText(cluster, nodes),
      units,
      what,
      unless,
    }));
}

interface Draft {
  readonly nodes: readonly Node[];
  readonly title: string;
  readonly units: readonly string[];
  readonly what: readonly string[];
  readonly unless?: string | null;
}

/** Until the machine is a node with disk and network. */
function machineSteps(cluster: Cluster, plan: ReportFacts['plan']): readonly Draft[] {
  const { nodes, image } = cluster;
  const stated = nodes.filter(({ stateDisk }) => stateDisk !== null);
  const args = [...new Set(plan.nodes.flatMap(({ kernelArgs }) => kernelArgs))];
  const formats = image.formats.join(', ');
  return [
    {
      ...{ nodes, title: 'Switch on, in any order', units: [] },
      what: [
        `The firmware starts GRUB from the image (${formats}); GRUB starts Debian ${image.suite}, which runs from memory.`,
        ...(args.length === 0 ? [] : [`Kernel arguments: ${args.join(' ')}`]),
      ],
    },
    {
      ...{ nodes, title: 'Who am I?', units: ['cluster-detect'] },
      what: ["Each image is for one node. It looks for a network card with one of the node's MAC addresses."],
      unless: 'On another machine it changes neither network nor disk, and says so above the login prompt.',
    },
    {
      ...{
        nodes: stated,
        title: 'The state disk',
        units: ['cluster-disk', 'var.mount', 'cluster-var', 'cluster-state'],
      },
      what: [
        'The node claims its disk if it is blank, partitions it, and mounts it at /var. Later it knows the disk again.',
      ],
      unless: 'It refuses every other disk and writes nothing to it; then it does not join.',
    },
    {
      ...{ nodes, title: 'The network', units: ['NetworkManager', 'cluster-network'], what: networkText(cluster) },
      unless: 'It waits for its addresses, and names what is missing.',
    },
    {
      ...{ nodes: image.install ? stated : [], title: 'Installation', units: ['cluster-install'] },
      what: ['The image is copied to the state disk. From the next start on, the medium is not needed.'],
    },
  ];
}

function whoText(cluster: Cluster, nodes: readonly Node[]): string {
  if (nodes.length === 0) return '';
  if (nodes.length === cluster.nodes.length)
    return nodes.length === 1 ? 'the node' : `all ${String(nodes.length)} nodes`;
  return nodes.length <= 3 ? nodes.map(({ name }) => name).join(', ') : quantity(nodes.length, 'node');
}

function networkText({ nodes, networking }: Cluster): readonly string[] {
  const count = (type: string): number =>
    nodes.filter(({ interfaces }) => interfaces.some((one) => one.type === type)).length;
  const of = ['bond', 'vlan', 'bridge'].flatMap((type) =>
    count(type) === 0 ? [] : [`${type === 'vlan' ? 'VLANs' : `${type}s`} on ${quantity(count(type), 'node')}`],
  );
  const times = networking.ntp.length === 0 ? [] : [`time from ${networking.ntp.join(', ')}`];
  return [`Addresses, routes and name servers from the image${[...of, ...times].map((one) => `; ${one}`).join('')}.`];
}

function hookStep({ nodes }: Cluster): Draft {
  const names = [...new Set(nodes.flatMap(({ hooks }) => hooks.map(({ name, when }) => `${name} (${when})`)))];
  const what = [`At their stages: ${names.join(', ')}.`];
  return { nodes: nodes.filter(({ hooks }) => hooks.length > 0), title: 'Your hooks', units: ['cluster-hooks@'], what };
}

const TOKENS: Readonly<Record<Cluster['bootstrap']['tokenDistribution'], string>> = {
  http: 'Each shows its certificate to a master, gets a token from it, and joins.',
  embedded: 'Each joins with the token in its image.',
  external: 'Each gets its token from your store, and joins.',
};

function kubernetesSteps({ nodes, controlPlane, kubernetes, networking, bootstrap }: Cluster): readonly Draft[] {
  const first = nodes.filter(({ bootRole }) => bootRole === 'master-first');
  const others = nodes.filter((node) => isMaster(node) && !first.includes(node));
  const { virtualIp } = controlPlane;
  const api = virtualIp === null ? '' : ` The API is at ${virtualIp}, an address that moves between masters.`;
  const isEmbedded = kubernetes.delivery === 'embedded';
  const way = networking.proxy === null ? '' : ' through the proxy';
  return [
    {
      ...{ nodes: nodes.filter(isMember), title: 'The programs of Kubernetes' },
      units: ['cluster-artifacts', 'cluster-images'],
      what: [`Kubernetes ${kubernetes.version} is ${isEmbedded ? 'in the image' : `downloaded${way}`}.`],
      unless: isEmbedded ? null : 'It repeats and continues broken downloads.',
    },
    {
      ...{ nodes: first, title: 'The first master', units: ['cluster-bootstrap'] },
      what: [`It looks for a cluster at the other masters. If there is none, it starts etcd and the API server.${api}`],
      unless: others.length === 0 ? null : 'If it finds a cluster, it joins that one.',
    },
    {
      ...{ nodes: others, title: 'Further masters', units: ['cluster-bootstrap'] },
      what: ['Each joins etcd, as a learner first, and starts its own API server.'],
      unless: 'They wait for the first master as long as they are switched on.',
    },
    {
      nodes: nodes.filter((node) => isMember(node) && !isMaster(node)),
      ...{ title: 'Workers', units: ['cluster-bootstrap'], what: [TOKENS[bootstrap.tokenDistribution]] },
      unless: 'They wait for a master as long as they are switched on.',
    },
  ];
}

const cephStep = (cluster: Cluster): Draft => ({
  ...{ nodes: cluster.nodes.filter(isCephNode), title: 'Ceph', units: ['cluster-ceph'], what: cephText(cluster) },
  unless: 'OSDs take only disks that are blank or their own. Ceph and Kubernetes do not wait for each other.',
});

function cephText({ ceph, nodes }: Cluster): readonly string[] {
  if (ceph === null) return [];
  const count = (role: 'ceph-mon' | 'ceph-mgr' | 'ceph-osd'): number =>
    nodes.filter((node) => hasRole(node, role)).length;
  const disks = nodes.reduce((sum, { osdDisks }) => sum + osdDisks.length, 0);
  const pools = ceph.pools.map(({ name }) => name);
  return [
    `${quantity(count('ceph-mon'), 'monitor')}, ${quantity(count('ceph-mgr'), 'manager')}, ${quantity(disks, 'disk')} in ${quantity(count('ceph-osd'), 'node')}; ${quantity(ceph.replicas, 'copy', 'copies')} of the data.`,
    ...(pools.length === 0 ? [] : [`Pools: ${pools.join(', ')}.`]),
  ];
}

function serviceText({ networking, kubernetes }: Cluster): readonly string[] {
  const manifests = kubernetes.manifests.map(({ name }) => name);
  const pods = {
    routed: 'Pods are routed between nodes.',
    calico: 'Masters apply Calico.',
    none: 'The pod network is yours.',
  };
  return [
    pods[networking.cni],
    ...(manifests.length === 0 ? [] : [`Then masters apply your manifests: ${manifests.join(', ')}.`]),
  ];
}
