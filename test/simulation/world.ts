/** The state that all nodes share: time, the network between them, etcd and Kubernetes, and the record of events. */
import type { Cluster as Definition } from '../../src/config/cluster.ts';
import { Agenda } from './agenda.ts';
import { Checks } from './checks.ts';
import { Etcd } from './etcd.ts';
import { Kubernetes } from './kubernetes.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';

/** What a script may wait for: etcd anywhere, whether its node reaches the API and is listed there, a unit of its node. */
export type Topic = 'etcd' | `${'api' | 'listed' | 'unit'} ${string}`;

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

  readonly nodes: readonly Node[];
  readonly masters: readonly Node[];
  readonly random: Random;

  /** As it is now: whoever is switched on has an image of it. */
  definition: Definition;
  /** How many times a node has got another address. */
  moves = 0;

  constructor(nodes: readonly Node[], definition: Definition, random: Random) {
    this.definition = definition;
    this.nodes = nodes;
    this.masters = nodes.filter(({ isMaster }) => isMaster);
    this.random = random;
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
    return this.nodes.find((node) => node.ip === ip);
  }

  settle(): void {
    this.etcd.settle();
    this.kubernetes.settle();
  }
}
