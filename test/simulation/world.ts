/** What all nodes share: time, the network between them, etcd and Kubernetes on top, and the record of what happened. */
import { Checks } from './checks.ts';
import { Etcd } from './etcd.ts';
import { Kubernetes } from './kubernetes.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';

export class World {
  now = 0;
  /** When something last happened; nobody has to look often at a world that stands still. */
  changed = 0;
  readonly trace: string[] = [];
  readonly cut = new Set<string>();
  readonly etcd = new Etcd(this);
  readonly kubernetes = new Kubernetes(this);
  readonly check = new Checks(this);

  readonly nodes: readonly Node[];
  readonly random: Random;

  constructor(nodes: readonly Node[], random: Random) {
    this.nodes = nodes;
    this.random = random;
  }

  get masters(): readonly Node[] {
    return this.nodes.filter(({ isMaster }) => isMaster);
  }

  note(node: Node | null, text: string): void {
    this.changed = this.now;
    this.trace.push(`${this.now.toFixed(2).padStart(9)}  ${(node?.name ?? '').padEnd(9)}  ${text}`);
  }

  /** Whether packets pass between two nodes that are on. */
  connected(a: Node, b: Node): boolean {
    return a === b || (a.on && b.on && !this.cut.has([a.name, b.name].toSorted().join(' ')));
  }

  disconnect(a: Node, b: Node): void {
    if (a !== b) this.cut.add([a.name, b.name].toSorted().join(' '));
  }

  at(ip: string): Node | undefined {
    return this.nodes.find((node) => node.ip === ip);
  }

  settle(): void {
    this.etcd.settle();
    this.kubernetes.settle();
  }
}
