/**
 * The membership part of etcd, as its documentation and source describe it (v3.5): voters, learners, quorum, starts
 * with and without data, and refused changes. One list of members per cluster; a member that was off learns of changes
 * as soon as it reaches a member that serves.
 */
import { createHash } from 'node:crypto';
import type { EtcdProcess, Node } from './node.ts';
import type { World } from './world.ts';

export interface Member {
  readonly id: number;
  readonly node: Node;
  /** Where the others look for it; another one once it has moved, until they are told. */
  url: string;
  /** Empty until it was started for the first time. */
  name: string;
  learner: boolean;
}

export interface Cluster {
  /** Ours alone; two clusters may have the same id. */
  readonly serial: number;
  readonly id: number;
  members: Member[];
  /** The member that leads it, for as long as it can. */
  leader?: Member | undefined;
  /** What a master of another cluster has written into it, and until when it is there. */
  told?: { readonly masters: string; readonly until: number };
  /** Where API servers are that are not where etcd is, by key: what masters have written into it. */
  readonly apart: Map<string, string>;
}

type Refusal = string;

const hash = (text: string): number => parseInt(createHash('sha1').update(text).digest('hex').slice(0, 8), 16);
const peerUrl = (node: Node): string => `https://${node.etcdIp}:2380`;
export const memberUrl = peerUrl;
export const isTrue = ({ url, node }: Member): boolean => url === peerUrl(node);

export class Etcd {
  readonly clusters: Cluster[] = [];

  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** The cluster and the member that this node's data belongs to; the member may be gone. */
  of(node: Node): { cluster: Cluster; member: Member | undefined } | null {
    const data = node.data;
    const cluster = this.clusters.find(({ serial }) => serial === data?.cluster);
    if (data === null || cluster === undefined) return null;
    return { cluster, member: cluster.members.find(({ id }) => id === data.member) };
  }

  serves(node: Node): boolean {
    return node.on && node.etcd?.phase === 'serving';
  }

  /** It serves clients, which it does once it was ready after its start. */
  answers(node: Node): boolean {
    return this.serves(node) && this.world.now >= node.etcd!.readyAt;
  }

  voters(cluster: Cluster): Member[] {
    return cluster.members.filter(({ learner }) => !learner);
  }

  #lives(cluster: Cluster, { id, node }: Member): boolean {
    return this.serves(node) && node.data?.cluster === cluster.serial && node.data.member === id;
  }

  /** Whether two members hear each other: one of them has to know where the other one is. */
  #linked(cluster: Cluster, a: Node, b: Node): boolean {
    const isKnown = (node: Node): boolean => cluster.members.find((each) => each.node === node)?.url === peerUrl(node);
    return a === b || (this.world.connected(a, b) && (isKnown(a) || isKnown(b)));
  }

  /** The one voter that leads: it has a majority. Another one does not take its place while it has. */
  lead(cluster: Cluster): Member | undefined {
    const voters = this.voters(cluster);
    const alive = voters.filter((voter) => this.#lives(cluster, voter));
    const mayLead = ({ node }: Member): boolean =>
      alive.filter((other) => this.#linked(cluster, node, other.node)).length > voters.length / 2;
    const { leader } = cluster;
    if (leader === undefined || !alive.includes(leader) || !mayLead(leader)) cluster.leader = alive.find(mayLead);
    return cluster.leader;
  }

  /** The leader, if `from` reaches it or it reaches `from`. */
  leader(cluster: Cluster, from: Node): Member | undefined {
    const leader = this.lead(cluster);
    return leader !== undefined && this.#linked(cluster, leader.node, from) ? leader : undefined;
  }

  /** Whether a linearizable request to this node's member succeeds; a learner refuses it. */
  takesRequests(node: Node): boolean {
    const part = this.of(node);
    return this.answers(node) && part?.member?.learner === false && this.leader(part.cluster, node) !== undefined;
  }

  /** Members that vote and whose data is still on a disk of a machine that may come back. */
  intact(cluster: Cluster): Member[] {
    return this.voters(cluster).filter(({ id, node }) => {
      const data = node.data;
      return !node.dead && data?.cluster === cluster.serial && data.member === id && data.broken !== true;
    });
  }

  /** Whether this master sees another one that serves another cluster. */
  differ(node: Node): boolean {
    const cluster = this.of(node)?.cluster;
    const isForeign = (other: Node): boolean => this.serves(other) && this.of(other)?.cluster !== cluster;
    return (
      cluster !== undefined && this.world.masters.some((each) => this.world.connected(each, node) && isForeign(each))
    );
  }

  start(node: Node): void {
    const mayStart = node.data !== null || node.read('run/cluster/etcd.env') !== '';
    if (node.etcd === null && mayStart) node.etcd = this.#process(this.world.random.between(0.5, 15));
  }

  #process(delay: number): EtcdProcess {
    const due = this.world.now + delay;
    this.world.expect(due, 'etcd');
    return { phase: 'starting', due, readyAt: Infinity, caughtUpAt: Infinity };
  }

  /** Brings each process to where it is by now. */
  settle(): void {
    for (const node of this.world.nodes) {
      if (!node.on || node.etcd === null) continue;
      if (node.etcd.phase === 'failed' && this.world.now >= node.etcd.due) {
        // systemd starts it again.
        node.etcd = this.#process(this.world.random.between(0.5, 4));
      }
      if (node.etcd.phase === 'starting' && this.world.now >= node.etcd.due) this.#begin(node, node.etcd);
      if (node.etcd.phase === 'serving') this.#serve(node, node.etcd);
    }
  }

  #fail(node: Node, why: string): void {
    this.world.note(node, `etcd ends: ${why}`);
    const due = this.world.now + 3;
    this.world.expect(due, 'etcd');
    node.etcd = { phase: 'failed', due, readyAt: Infinity, caughtUpAt: Infinity };
  }

  #begin(node: Node, process: EtcdProcess): void {
    const data = node.data;
    if (data?.broken === true) return this.#fail(node, 'a part of its data is missing');
    if (data === null) {
      const settings = `${node.read('etc/etcd/etcd.env')}\n${node.read('run/cluster/etcd.env')}`;
      const value = (name: string): string =>
        [...settings.matchAll(new RegExp(`^ETCD_${name}="(.*)"$`, 'gm'))].at(-1)?.[1] ?? '';
      const urls = value('INITIAL_CLUSTER')
        .split(',')
        .map((each) => each.replace(/^[^=]*=/, ''));
      if (value('INITIAL_CLUSTER_STATE') === 'new') this.#found(node, value('INITIAL_CLUSTER_TOKEN'));
      else {
        const refusal = this.#join(node, urls);
        if (refusal !== null) return this.#fail(node, refusal);
      }
    }
    process.phase = 'serving';
  }

  /** Cluster and member ids follow from addresses and token alone. */
  #found(node: Node, token: string): void {
    const url = peerUrl(node);
    const member: Member = { id: hash(url + token), node, url, name: '', learner: false };
    const cluster: Cluster = {
      serial: this.clusters.length + 1,
      id: hash(String(member.id)),
      members: [member],
      apart: new Map(),
    };
    this.world.check.founding(node, cluster);
    this.clusters.push(cluster);
    node.data = { cluster: cluster.serial, member: member.id };
    this.world.note(node, `etcd founds cluster ${cluster.id.toString(16)}`);
  }

  /** A member without data asks the others, and wants to hear of exactly the members that it was told. */
  #join(node: Node, urls: readonly string[]): Refusal | null {
    const other = this.world.nodes.find(
      (each) => each !== node && urls.includes(peerUrl(each)) && this.serves(each) && this.world.connected(each, node),
    );
    const cluster = other === undefined ? undefined : this.of(other)?.cluster;
    if (cluster === undefined) return 'no member can be asked';
    const known = cluster.members.map(({ url }) => url);
    const own = cluster.members.find((each) => each.node === node);
    if (own === undefined || known.toSorted().join() !== urls.toSorted().join())
      return 'the members are others than it was told';
    node.data = { cluster: cluster.serial, member: own.id };
    return null;
  }

  #serve(node: Node, process: EtcdProcess): void {
    const part = this.of(node);
    if (part === null) return this.#fail(node, 'its data is gone');
    if (part.member === undefined) {
      const knows = part.cluster.members.some(
        (each) => this.#lives(part.cluster, each) && this.world.connected(each.node, node),
      );
      if (knows) this.#fail(node, 'it was removed from its cluster');
      return;
    }
    if (process.readyAt === Infinity && this.leader(part.cluster, node) !== undefined) {
      process.readyAt = this.world.now + this.world.random.between(0.1, 4);
      process.caughtUpAt = process.readyAt + this.world.random.between(0, 30);
      this.world.expect(process.readyAt, 'etcd', `unit ${node.name} etcd`);
      this.world.expect(process.caughtUpAt, 'etcd');
    }
    if (this.world.now >= process.readyAt) part.member.name = node.name;
  }

  /** @param at the member that is asked */
  add(at: Node, node: Node): Member | Refusal {
    const { cluster } = this.of(at)!;
    if (this.voters(cluster).some((each) => !this.#lives(cluster, each) || !this.#linked(cluster, each.node, at))) {
      return 'etcdserver: unhealthy cluster';
    }
    if (cluster.members.some((each) => each.node === node)) return 'etcdserver: Peer URLs already exists';
    if (cluster.members.some(({ learner }) => learner)) return 'etcdserver: too many learner members in cluster';
    const url = peerUrl(node);
    const member = { id: hash(`${url} ${String(this.world.now)}`), node, url, name: '', learner: true };
    cluster.members.push(member);
    this.world.stir('etcd');
    return member;
  }

  update(at: Node, id: number, url: string): Refusal | null {
    const { cluster } = this.of(at)!;
    const member = cluster.members.find((each) => each.id === id);
    if (member === undefined) return 'etcdserver: member not found';
    if (cluster.members.some((each) => each !== member && each.url === url))
      return 'etcdserver: Peer URLs already exists';
    member.url = url;
    this.world.stir('etcd');
    return null;
  }

  remove(at: Node, id: number, by: Node): Refusal | null {
    const { cluster } = this.of(at)!;
    const gone = cluster.members.find((each) => each.id === id);
    if (gone === undefined) return 'etcdserver: member not found';
    if (!gone.learner && this.#lives(cluster, gone) && this.world.connected(gone.node, at)) {
      const voters = this.voters(cluster);
      const active = voters.filter((each) => this.#lives(cluster, each) && this.world.connected(each.node, at));
      if (active.length - 1 < 1 + Math.trunc((voters.length - 1) / 2)) return 'etcdserver: unhealthy cluster';
    }
    this.world.check.removal(cluster, gone, by);
    cluster.members = cluster.members.filter((each) => each !== gone);
    this.world.stir('etcd');
    return null;
  }

  promote(at: Node, id: number): Refusal | null {
    const { cluster } = this.of(at)!;
    const member = cluster.members.find((each) => each.id === id);
    if (member === undefined) return 'etcdserver: member not found';
    if (!member.learner) return 'etcdserver: can only promote a learner member';
    const inSync = this.#lives(cluster, member) && this.world.now >= member.node.etcd!.caughtUpAt;
    if (!inSync || this.leader(cluster, member.node) === undefined) {
      return 'etcdserver: can only promote a learner member which is in sync with leader';
    }
    member.learner = false;
    this.world.stir('etcd');
    return null;
  }
}
