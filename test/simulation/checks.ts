/** Invariants, and conditions for the end. A violation is an exception; its message is for the reader of the trace. */
import { isTrue, type Cluster, type Member } from './etcd.ts';
import type { Stage } from './kubernetes.ts';
import type { Node } from './node.ts';
import { isMember, mistakes } from './peers.ts';
import type { World } from './world.ts';

/** Seconds at most from the look at the other masters to the start of etcd. */
const FOUNDING_LASTS = 60;
/** Seconds at most that a status stays behind what it tells about. */
const UNTRUE_LASTS = 30;
const WAY: readonly Stage[] = ['token', 'request', 'approval', 'certificate', 'node'];

export class Breach extends Error {}

export class Checks {
  /** A second cluster was founded while nobody could know: the documented exception. */
  excused = false;
  /** Since when each of these shows what is not so. */
  readonly #untrueSince = new Map<Node, number>();
  /** A person has decided against these. */
  readonly abandoned = new Set<Cluster>();

  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Before a node founds a cluster. */
  founding(node: Node, cluster: Cluster): void {
    const { etcd } = this.world;
    const others = this.world.masters.filter((other) => other !== node && etcd.of(other)?.member !== undefined);
    for (const other of others) {
      if (etcd.of(other)!.cluster.id === cluster.id) {
        throw new Breach(`${node.name} founds a second cluster with the id of the first, which ${other.name} is in`);
      }
      const wasThere = etcd.serves(other) && this.world.now - other.etcd!.due > FOUNDING_LASTS;
      if (wasThere && this.world.connected(other, node)) {
        throw new Breach(`${node.name} founds a second cluster although ${other.name} serves the first`);
      }
    }
    this.excused ||= others.length > 0;
  }

  /** Before a member is removed on behalf of a node. */
  removal(cluster: Cluster, gone: Member, by: Node): void {
    if (!gone.learner && gone.node !== by && !gone.node.leaving)
      throw new Breach(`${by.name} removes the voter ${gone.node.name}`);
    const { etcd } = this.world;
    const rest = etcd.voters(cluster).filter((each) => each !== gone);
    const left = etcd.intact(cluster).filter((each) => each !== gone);
    if (rest.length > 0 && left.length <= rest.length / 2 && !this.abandoned.has(cluster)) {
      throw new Breach(`${by.name} removes ${gone.node.name}, which leaves the cluster without a majority`);
    }
  }

  /** Before the others take a node as a new member: with an old one's data its etcd would never start. */
  adding(node: Node): void {
    if (node.data !== null || node.unsynced !== null)
      throw new Breach(`${node.name} asks to be a member and has the data of an earlier one`);
  }

  /** Before a node deletes the data of its etcd. */
  deletion(node: Node): void {
    if (node.etcd !== null && node.etcd.phase !== 'failed')
      throw new Breach(`${node.name} deletes the data of an etcd that runs`);
    const part = this.world.etcd.of(node);
    if (part?.member?.learner !== false || this.abandoned.has(part.cluster)) return;
    const others = this.world.etcd.voters(part.cluster).filter((each) => each.node !== node);
    const left = this.world.etcd.intact(part.cluster).filter((each) => each.node !== node);
    if (others.length > 0 && left.length <= (others.length + 1) / 2) {
      throw new Breach(`${node.name} deletes data without which the cluster has no majority any more`);
    }
  }

  /** Before a node sets its etcd's data aside for a cluster that it takes for the older one. */
  givingUp(node: Node): void {
    const { etcd } = this.world;
    const part = etcd.of(node);
    if (part !== null && part.cluster.members.length > 1)
      throw new Breach(`${node.name} gives up what others have joined`);
    const isLed = etcd.clusters.some((each) => each !== part?.cluster && etcd.lead(each) !== undefined);
    if (!isLed) throw new Breach(`${node.name} gives up its cluster, and there is no other`);
  }

  /** Before a node's state says that it takes part in a cluster. */
  state(node: Node, word: string): void {
    if (word === 'uninitialized') return;
    if (node.isMaster && !this.world.etcd.answers(node))
      throw new Breach(`${node.name} is not a member, but writes ${word}`);
    if (node.isMaster && this.world.etcd.of(node)?.member?.learner !== false) {
      throw new Breach(`${node.name} does not vote, but writes ${word}`);
    }
    if (!this.world.kubernetes.lists(node)) throw new Breach(`${node.name} is not registered, but writes ${word}`);
  }

  /** A worker that waits shows where it is on its way, and not for longer where it was. */
  says(node: Node, stage: Stage | null): void {
    const { now } = this.world;
    const waiting = WAY.filter((step) => node.ledger.get(step)?.state === 'waiting');
    const isUntrue = stage !== null && waiting.some((step) => step !== stage);
    if (!isUntrue) this.#untrueSince.delete(node);
    else if (!this.#untrueSince.has(node)) this.#untrueSince.set(node, now);
    const since = this.#untrueSince.get(node) ?? now;
    if (now - since > UNTRUE_LASTS) throw new Breach(`${node.name} still says ${waiting.join()}, but it is ${stage}`);
  }

  /** Two clusters, which nobody could prevent, are known to at least one master. */
  twoClustersAreShown(): void {
    const isShown = this.world.masters.some(({ ledger }) =>
      [...ledger.values()].some(({ state, cause }) => state === 'failed' && cause === 'etcd-two-clusters'),
    );
    if (!isShown) throw new Breach('there are two clusters, and no master says so');
  }

  /** At the end, when all faults have healed. */
  end(): void {
    const { etcd, nodes, removed } = this.world;
    const clusters = new Set(
      nodes.filter(({ isMaster, dead }) => isMaster && !dead).map((node) => etcd.of(node)?.cluster),
    );
    if (clusters.size !== 1) throw new Breach(`the masters belong to ${String(clusters.size)} clusters`);
    const [cluster] = clusters;
    if (cluster === undefined) throw new Breach('there is no cluster in the end');
    for (const node of nodes.filter(({ dead }) => !dead)) this.#atItsEnd(node, cluster);
    const extra = cluster.members.filter(({ node, id }) => !node.dead && node.data?.member !== id);
    const moved = cluster.members.filter((member) => !member.node.dead && !isTrue(member));
    if (moved.length > 0)
      throw new Breach(`nobody knows where these are: ${moved.map(({ node }) => node.name).join(', ')}`);
    if (extra.length > 0) throw new Breach(`stale members: ${extra.map(({ node }) => node.name).join(', ')}`);
    for (const node of removed) {
      if (isMember(this.world, node)) throw new Breach(`${node.name} was removed, and is a member in the end`);
      if (this.world.kubernetes.mayJoin(this.world.kubernetes.in(cluster)!, node))
        throw new Breach(`${node.name} was removed, and there is a token for it`);
    }
    for (const node of nodes.filter(({ dead }) => !dead)) {
      const ignorance = mistakes(this.world, cluster, node);
      if (ignorance !== null) throw new Breach(`${node.name} ${ignorance} in the end`);
    }
  }

  /** Whether all is as it must be at the end. */
  holds(): boolean {
    try {
      this.end();
      return true;
    } catch (error) {
      if (error instanceof Breach) return false;
      throw error;
    }
  }

  #atItsEnd(node: Node, cluster: Cluster): void {
    const { etcd, kubernetes } = this.world;
    if (node.leaving) throw new Breach(`${node.name} is not removed in the end`);
    const words = node.isMaster ? ['bootstrapped', 'joined'] : ['joined'];
    if (!words.includes(node.state)) throw new Breach(`${node.name} is ${node.state} in the end`);
    if (!kubernetes.lists(node, cluster.serial)) throw new Breach(`${node.name} is not registered in the end`);
    if (node.isMaster && !etcd.takesRequests(node)) throw new Breach(`${node.name} does not serve etcd in the end`);
    const open = [...node.ledger.values()].filter(({ state }) => state === 'failed' || state === 'waiting');
    if (open.length === 0) return;
    const said = open.map(({ step, state, cause }) => `${step} ${state} ${cause}`).join(', ');
    throw new Breach(`${node.name} ends with ${said}`);
  }

  /** What a master says to a removed worker that asks to join. */
  refusal(node: Node, answer: string): void {
    if (this.excused) return; // the cluster that knew of the removal may be gone
    if (!answer.startsWith('HTTP/1.1 403'))
      throw new Breach(`${node.name} was removed, and is told: ${answer.slice(0, 80)}`);
  }
}
