/** The definitions of a run, and the images that nodes get of them: the files that the scripts read. */
import { join } from 'node:path';
import type { Cluster as Definition, Node as Described } from '../../src/config/cluster.ts';
import { etcdAddress } from '../../src/config/etcd.ts';
import { mastersKnownTo } from '../../src/config/first-guess.ts';
import { renderNode } from '../../src/render/plan/plan.ts';
import { cluster, node } from '../render/cluster.ts';
import { SOURCES } from '../render/sources.ts';
import { STORE } from './joining.ts';
import { BOOTSTRAP, HOSTS, Node } from './node.ts';
import type { Distribution } from './world.ts';

export type Kind = 'master' | 'worker';

/** The `index`-th machine that a run has, the `number`-th of its kind. */
export const described = (kind: Kind, number: number, index: number, isFirst = false): Described =>
  node(`${kind}-0${String(number)}`, index, {
    roles: [kind],
    bootRole: kind === 'worker' ? 'worker' : isFirst ? 'master-first' : 'master-additional',
  });

/** What a run begins with. */
export function definition(masters: number, workers: number, tokenDistribution: Distribution): Definition {
  const external = { type: 'http', url: `https://${STORE}/{node}`, region: '', ca: null, credentials: {} } as const;
  return cluster({
    bootstrap: { tokenDistribution, token: null, tokenTtl: 86_400, port: 6444, external },
    nodes: [
      ...Array.from({ length: masters }, (_, at) => described('master', at + 1, at + 1, at === 0)),
      ...Array.from({ length: workers }, (_, at) => described('worker', at + 1, masters + at + 1)),
    ],
  });
}

/** The network of etcd, where it has one of its own. */
const ETCD = '172.16.0.0/12';

/** The definition in which etcd has a network of its own: each node has a second address there. */
export const withEtcdNetwork = (of: Definition): Definition => ({
  ...of,
  kubernetes: { ...of.kubernetes, etcd: { ...of.kubernetes.etcd, cidr: ETCD } },
  nodes: of.nodes.map((node) => at(node, node.ips[0]!, node.ips[0]!.replace(/^\d+\.\d+/, '172.16'))),
});

/** The node with these addresses, the second one for etcd. */
const at = (node: Described, ip: string, etcd: string): Described => ({
  ...node,
  ips: [ip],
  interfaces: node.interfaces.map((one) => ({ ...one, addresses: [`${ip}/24`, `${etcd}/12`] })),
});

export const withNode = (of: Definition, added: Described): Definition => {
  const { nodes } = of.kubernetes.etcd.cidr === null ? { nodes: [added] } : withEtcdNetwork({ ...of, nodes: [added] });
  return { ...of, nodes: [...of.nodes, ...nodes] };
};

/** What of a node moves. */
type Moving = 'ip' | 'etcd' | 'both';

/** The definition in which a node has another address, the `number`-th of the run. */
export const withAddress = (of: Definition, name: string, number: number, moving: Moving): Definition => {
  const moved = (each: Described): Described => {
    const ip = moving === 'etcd' ? each.ips[0]! : `192.168.51.${String(number)}`;
    if (of.kubernetes.etcd.cidr === null) return { ...each, ips: [ip] };
    return at(each, ip, moving === 'ip' ? etcdAddress(of, each) : `172.17.51.${String(number)}`);
  };
  return { ...of, nodes: of.nodes.map((each) => (each.name === name ? moved(each) : each)) };
};

/** After the first master, the next one is the first. */
export function withoutNode(of: Definition, name: string): Definition {
  const nodes = of.nodes.filter((each) => each.name !== name);
  const masters = nodes.filter(({ bootRole }) => bootRole !== 'worker');
  const first = masters.find(({ bootRole }) => bootRole === 'master-first') ?? masters[0];
  return { ...of, nodes: nodes.map((each) => (each === first ? { ...each, bootRole: 'master-first' } : each)) };
}

const tokenOf = (name: string): string => `token${name.slice(-1)}.secretof${name.replace('-', '')}`;

const KEPT = /^etc\/(cluster-config\/|etcd\/|haproxy\/haproxy.cfg$|hosts$|kubernetes\/pod-network.conflist$)/;

/** Gives a node an image of a definition: the part of the rendered tree that the scripts read, and keys and tokens that are not real. */
export function giveImage(node: Node, of: Definition): void {
  if (node.image === of) return;
  node.image = of;
  const subject = of.nodes.find(({ name }) => name === node.name)!;
  node.ip = subject.ips[0]!;
  node.etcdIp = etcdAddress(of, subject);
  node.role = subject.bootRole;
  for (const entry of renderNode(of, subject, SOURCES)) {
    if (entry.type === 'file' && KEPT.test(entry.path)) node.write(entry.path, new TextDecoder().decode(entry.content));
  }
  node.hosts = node.read(HOSTS);
  const { tokenDistribution } = of.bootstrap;
  node.hasTokenInMemory = tokenDistribution !== 'embedded';
  if (!node.isMaster) {
    if (!node.hasTokenInMemory) node.write(BOOTSTRAP, `users:\n- user:\n    token: ${tokenOf(node.name)}\n`);
  } else if (tokenDistribution !== 'http') {
    const workers = of.nodes.filter(({ bootRole }) => bootRole === 'worker');
    const table = workers.map(({ name }) => `${name}\t${tokenOf(name)}\n`).join('');
    node.write('etc/kubernetes/bootstrap-tokens.tsv', table);
  }
}

/** The addresses at which a node looks for masters by its image. */
export function guessOf(node: Node): readonly string[] {
  const { image } = node;
  const subject = image?.nodes.find(({ name }) => name === node.name);
  return image === null || subject === undefined ? [] : mastersKnownTo(image, subject).flatMap(({ ips }) => ips);
}

/** A machine with its image, which is not switched on yet. */
export function install(of: Definition, name: string, folder: string, certified: number): Node {
  const subject = of.nodes.find((each) => each.name === name)!;
  const made = new Node(name, subject.bootRole, join(folder, name), certified);
  giveImage(made, of);
  made.write('sys/class/net/lan/address', `${subject.macs[0]!}\n`);
  made.write('sys/class/net/lan/type', '1\n');
  made.write('sys/class/net/lan/device/uevent', '');
  made.write('etc/kubernetes/pki/ca.crt', 'made up\n');
  if (made.isMaster) {
    made.write('etc/kubernetes/kubelet.conf', 'made up\n');
    made.write('etc/kubernetes/admin.conf', 'made up\n');
    made.write('etc/kubernetes/pki/etcd/ca.crt', '-----BEGIN\nbWFkZSB1cA==\n-----END\n');
    made.write('etc/kubernetes/addons/00-admins.yaml', '');
  }
  return made;
}
