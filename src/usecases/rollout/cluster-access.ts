/**
 * A rollout's view of a real cluster, by SSH. Kubernetes, etcd and Ceph are asked on a node that has the credentials, so none of them
 * leave it, and the program that asks has the version of the cluster.
 */
import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Node } from '../../config/cluster.ts';
import { isCephNode, isMaster, isMember } from '../../config/roles.ts';
import type { ClusterAccess, Lease, Refusal } from './access.ts';
import { refusalOf, RolloutLease } from './lease.ts';
import { lookAt, type Seen } from './state.ts';
import type { Answer, Ssh } from './ssh/ssh.ts';

/** The files of a node's update on this machine. */
export interface Bundle {
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Files that nodes share; a node gets those that it lacks. */
  readonly shared: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
}

interface AccessRequest {
  readonly cluster: Cluster;
  readonly bundles: ReadonlyMap<string, Bundle>;
  readonly ssh: Ssh;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Milliseconds since any time. */
  readonly clock: () => number;
  /** Seconds until all pods of a node have been moved. */
  readonly drainLimit: number;
  /** Whether older releases are accepted, Ceph is not asked, and a lease that nobody can be asked for is done without. */
  readonly force: boolean;
  /** Names this rollout to others; no other one has the same. */
  readonly holder: string;
}

/** Seconds. */
const ANSWER = 120;
const SNAPSHOT = 1200;
const LIVE = 1200;
const TRANSFER = 7200;
/** After an interruption: the program ends ten seconds after it. */
const CLEANING = 8;

const PART = '/usr/local/bin/cluster-rollout.sh';
const UPDATE = '/usr/local/bin/cluster-update.sh';

export function sshAccess(request: AccessRequest): ClusterAccess {
  return new SshAccess(request);
}

interface Call {
  readonly words: readonly string[];
  readonly timeout?: number;
  /** A file of this machine, or a text, for standard input. */
  readonly file?: string;
  readonly text?: string;
  /** Runs also after an interruption. */
  readonly cleaning?: boolean;
}

class SshAccess implements ClusterAccess {
  readonly #request: AccessRequest;
  readonly #lease: RolloutLease;

  constructor(request: AccessRequest) {
    this.#request = request;
    const { holder, force } = request;
    const ask = (words: readonly string[], cleaning: boolean): Promise<Answer> =>
      this.#anyOf(this.#lockers(), { words: [PART, ...words], cleaning });
    this.#lease = new RolloutLease({ holder, force, ask, now: this.now });
  }

  now = (): number => this.#request.clock() / 1000;

  interrupted = (): boolean => this.#request.signal.aborted;

  async pause(seconds: number): Promise<void> {
    await delay(seconds * 1000, undefined, { signal: this.#request.signal }).catch(() => undefined);
  }

  async look(name: string): Promise<Seen> {
    const { cluster, ssh, signal } = this.#request;
    if (signal.aborted) return { node: name, report: null, problem: 'interrupted', away: true };
    try {
      return await lookAt(this.#node(name), cluster.name, ssh, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { node: name, report: null, problem: 'interrupted', away: true };
    }
  }

  lock = (): Promise<Lease> => this.#lease.lock();

  unlock = (): Promise<void> => this.#lease.unlock();

  async marked(): Promise<readonly string[]> {
    const cordoned =
      this.#masters().length > 0 ? await this.#anyOf(this.#masters(), { words: [PART, 'marked'] }) : null;
    const held = this.#admins().length > 0 ? await this.#anyOf(this.#admins(), { words: [PART, 'held'] }) : null;
    const known = new Set(this.#request.cluster.nodes.map(({ name }) => name));
    const names = [cordoned, held].flatMap((answer) => (answer?.problem === null ? answer.stdout.split('\n') : []));
    return [...new Set(names)].filter((name) => known.has(name));
  }

  async snapshot(): Promise<Refusal> {
    const keepers = this.#masters().filter(({ stateDisk }) => stateDisk !== null);
    if (keepers.length === 0 || this.#request.cluster.controlPlane.etcdSnapshots.keep === 0) return null;
    return refusalOf(
      await this.#anyOf(keepers, { words: ['/usr/local/bin/cluster-etcd-snapshot.sh', '--now'], timeout: SNAPSHOT }),
    );
  }

  async write(name: string): Promise<Refusal> {
    const { bundles, force } = this.#request;
    const node = this.#node(name);
    const bundle = bundles.get(name);
    if (bundle === undefined) throw new Error(`${name} has no bundle`);
    const text = bundle.shared.map(({ sha256, size }) => `${sha256} ${size}\n`).join('');
    const answer = await this.#call(node, { words: [PART, 'lacks'], text, timeout: TRANSFER });
    const refusal = refusalOf(answer);
    if (refusal !== null || answer.problem !== null) return refusal;
    const missing = bundle.shared.filter(({ sha256 }) => answer.stdout.split('\n').includes(sha256));
    const files = [
      ...missing.map((file) => ({ ...file, as: `files/${file.sha256}` })),
      { ...bundle, as: `${name}.raucb` },
    ];
    for (const { path, size, as } of files) {
      const sent = await this.#call(node, { words: [PART, 'take', as, String(size)], file: path, timeout: TRANSFER });
      const why = refusalOf(sent);
      if (why !== null) return why;
    }
    const words = [UPDATE, `/var/lib/cluster-update/${name}.raucb`, ...(force ? ['--force'] : [])];
    return refusalOf(await this.#call(node, { words, timeout: TRANSFER }));
  }

  async takeLive(name: string): Promise<Refusal> {
    return refusalOf(await this.#call(this.#node(name), { words: [UPDATE, '--live'], timeout: LIVE }));
  }

  /** Only an update that waits: `--back` would otherwise choose the other slot. */
  async giveUp(name: string): Promise<Refusal> {
    const node = this.#node(name);
    const status = await this.#call(node, { words: [UPDATE, '--status'], cleaning: true });
    if (status.problem !== null) return status.problem.message;
    if (!status.stdout.includes('"state":"pending"')) return null;
    return refusalOf(await this.#call(node, { words: [UPDATE, '--back'], cleaning: true }));
  }

  async spare(name: string): Promise<Refusal> {
    const node = this.#node(name);
    if (!isMaster(node)) return null;
    return refusalOf(await this.#anyOf(this.#others(this.#masters(), name), { words: [PART, 'spare', name] }));
  }

  async drain(name: string): Promise<Refusal> {
    const { drainLimit } = this.#request;
    const words = [PART, 'drain', name, String(drainLimit)];
    return refusalOf(await this.#anyOf(this.#others(this.#masters(), name), { words, timeout: drainLimit + ANSWER }));
  }

  async hold(name: string): Promise<Refusal> {
    const words = [PART, 'hold', name, ...(this.#request.force ? ['--force'] : [])];
    return refusalOf(await this.#anyOf(this.#others(this.#admins(), name), { words }));
  }

  async release(name: string): Promise<Refusal> {
    const node = this.#node(name);
    const call = (verb: string, nodes: readonly Node[]) =>
      this.#anyOf(this.#others(nodes, name), { words: [PART, verb, name], cleaning: true });
    const masters = isMember(node) ? refusalOf(await call('release', this.#masters())) : null;
    const ceph = isCephNode(node) ? refusalOf(await call('free', this.#admins())) : null;
    return [masters, ceph].filter((refusal) => refusal !== null).join('; ') || null;
  }

  async restart(name: string): Promise<Refusal> {
    const node = this.#node(name);
    const answer = await this.#call(node, { words: [UPDATE, '--start'] });
    await this.#request.ssh.disconnect(node);
    // A node that restarts may close the connection before it answers.
    return answer.problem?.away === true ? null : refusalOf(answer);
  }

  #node(name: string): Node {
    const node = this.#request.cluster.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`${name} is no node`);
    return node;
  }

  #masters = (): readonly Node[] => this.#request.cluster.nodes.filter(isMaster);

  /** Who has the lease: Kubernetes, or, without it, always the same node. */
  #lockers = (): readonly Node[] => {
    const masters = this.#masters();
    return masters.length > 0 ? masters : this.#request.cluster.nodes.slice(0, 1);
  };

  /** Nodes with the administrator's key of Ceph. */
  #admins = (): readonly Node[] => {
    const { nodes, ceph } = this.#request.cluster;
    return nodes.filter(({ name }) => ceph?.adminNodes.includes(name) === true);
  };

  /** The node itself comes last: it may be about to restart. */
  #others = (nodes: readonly Node[], name: string): readonly Node[] =>
    nodes.toSorted((a, b) => Number(a.name === name) - Number(b.name === name));

  /** The answer of the first of these nodes that can be reached. */
  async #anyOf(nodes: readonly Node[], call: Call): Promise<Answer> {
    let last: Answer = { problem: { away: true, message: 'no node has the credentials for this' } };
    for (const node of nodes) {
      const answer = await this.#call(node, call);
      if (answer.problem === null) return answer;
      last = { problem: { ...answer.problem, message: `${node.name}: ${answer.problem.message}` } };
      if (this.interrupted() && call.cleaning !== true) break;
    }
    return last;
  }

  async #call(node: Node, { words, timeout = ANSWER, file, text, cleaning = false }: Call): Promise<Answer> {
    const { ssh, signal } = this.#request;
    if (signal.aborted && !cleaning) return STOPPED;
    const stdin = file === undefined ? text && { stdin: Buffer.from(text) } : { stdin: createReadStream(file) };
    const limit = cleaning && signal.aborted ? CLEANING : timeout;
    const until = cleaning ? new AbortController().signal : signal;
    try {
      return await ssh.run(node, { words, timeout: limit, signal: until, ...(stdin || {}) });
    } catch (error) {
      if (!signal.aborted) throw error;
      return STOPPED;
    }
  }
}

const STOPPED: Answer = { problem: { away: true, message: 'interrupted' } };
