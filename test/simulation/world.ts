/** The state that all nodes share: time, the network between them, etcd and Kubernetes, and the record of events. */
import type { Cluster as Definition } from '../../src/config/cluster.ts';
import { Agenda } from './agenda.ts';
import { Checks } from './checks.ts';
import { Etcd } from './etcd.ts';
import { described, install, withNode, withoutNode, type Kind } from './images.ts';
import { Kubernetes } from './kubernetes.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';

/** What a script may wait for: etcd anywhere, what masters publish, whether its node reaches the API and is listed there, a unit of its node. */
export type Topic = 'etcd' | 'peers' | `${'api' | 'listed' | 'unit'} ${string}`;

export type Distribution = Definition['bootstrap']['tokenDistribution'];

export class World {
  readonly agenda = new Agenda();
  /** What has changed since scripts that wait were last told. */
  readonly changed = new Set<Topic>();
  readonly trace: string[] = [];
  readonly etcd = new Etcd(this);
  readonly kubernetes = new Kubernetes(this);
  readonly check = new Checks(this);
  /** The user's store of tokens, by nodes; it outlives everything. */
  readonly store = new Map<string, string>();
  readonly #cut = new Set<string>();

  /** Without those that a person has removed. */
  nodes: readonly Node[];
  /** Removed, and switched off for good. */
  readonly removed: Node[] = [];
  readonly folder: string;
  readonly random: Random;

  /** As it is now: whoever is switched on has an image of it. */
  definition: Definition;
  /** How many times a node has got another address. */
  moves = 0;

  /** @param folder for the machines' disks */
  constructor(definition: Definition, folder: string, random: Random) {
    this.definition = definition;
    this.folder = folder;
    this.random = random;
    this.nodes = definition.nodes.map(({ name }) => install(definition, name, folder, 0));
  }

  get masters(): readonly Node[] {
    return this.nodes.filter(({ isMaster }) => isMaster);
  }

  /** A further machine, which no image but its own knows. */
  add(kind: Kind): Node {
    const all = [...this.nodes, ...this.removed];
    const number = all.filter(({ isMaster }) => isMaster === (kind === 'master')).length + 1;
    const subject = described(kind, number, all.length + 1);
    this.definition = withNode(this.definition, subject);
    const node = install(this.definition, subject.name, this.folder, this.now);
    this.nodes = [...this.nodes, node];
    return node;
  }

  /** It has left the cluster, and is off. */
  remove(node: Node): void {
    this.nodes = this.nodes.filter((each) => each !== node);
    this.removed.push(node);
    this.definition = withoutNode(this.definition, node.name);
  }

  end(): void {
    for (const node of [...this.nodes, ...this.removed]) node.end();
  }

  get distribution(): Distribution {
    return this.definition.bootstrap.tokenDistribution;
  }

  get now(): number {
    return this.agenda.now;
  }

  note(node: Node | null, text: string): void {
    this.trace.push(`${this.now.toFixed(2).padStart(9)}  ${(node?.name ?? '').padEnd(9)}  ${text}`);
  }

  /** Something that concerns these has changed. */
  stir(...topics: readonly Topic[]): void {
    for (const topic of topics) this.changed.add(topic);
  }

  /** At this time something that concerns these changes by itself. */
  expect(at: number, ...topics: readonly Topic[]): void {
    this.agenda.plan(at - this.now, () => this.stir(...topics));
  }

  /** Whether packets pass between two nodes that are on. */
  connected(a: Node, b: Node): boolean {
    return a === b || (a.on && b.on && !this.#cut.has(`${a.name} ${b.name}`));
  }

  disconnect(a: Node, b: Node): void {
    if (a === b) return;
    this.#cut.add(`${a.name} ${b.name}`).add(`${b.name} ${a.name}`);
    this.stir('etcd');
  }

  mend(): void {
    this.#cut.clear();
    this.note(null, 'the network is whole');
    this.stir('etcd');
  }

  at(ip: string): Node | undefined {
    return this.nodes.find((node) => node.ip === ip || node.etcdIp === ip);
  }

  settle(): void {
    this.etcd.settle();
    this.kubernetes.settle();
  }
}
