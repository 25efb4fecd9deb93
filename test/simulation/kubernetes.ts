/**
 * The services of Kubernetes on each node, and the nodes and tokens that the API servers of each etcd cluster store.
 */
import { uses } from './balancer.ts';
import type { Cluster } from './etcd.ts';
import { BOOTSTRAP, CREDENTIALS, type Node } from './node.ts';
import type { World } from './world.ts';

/** `version` changes with each change of it. */
export interface Token {
  readonly secret: string;
  readonly until: number;
  readonly version: number;
  readonly published: boolean;
  /** Whose it is, where a node asked for it. */
  readonly node?: string | undefined;
  readonly description: string;
}

/** A kubelet's request for its certificate: when it is approved, and issued; infinite while no controller manager leads. */
interface Request {
  approvedAt: number;
  issuedAt: number;
}

/** How far a worker is on its way into the list; the names of the steps in the ledger. */
export type Stage = 'token' | 'request' | 'approval' | 'certificate' | 'node';

/** What a kubelet has said of its node: the start of the machine, and its address then. */
interface Registered {
  readonly boot: string;
  readonly address: string;
}

export interface Api {
  readonly created: number;
  /** By names. */
  readonly nodes: Map<string, Registered>;
  /** By their ids. */
  readonly tokens: Map<string, Token>;
  version: number;
  /** By nodes. */
  readonly requests: Map<string, Request>;
  /** The master whose controller manager leads, and from when on it does so. */
  leader: Node | null;
  leadsFrom: number;
  /** Shares of the pod network, by nodes, and how many were given. */
  readonly shares: Map<string, string>;
  sharesGiven: number;
  /** When nodes and certificates were refused, by the keys of the config map; null while there is none. */
  refused: Record<string, string> | null;
  /** What masters have published of the nodes, and what it was made of. */
  peers: { readonly text: string; readonly version: number; readonly of: string } | null;
  /** Whether the administrators' certificates are worth anything. */
  administrators: boolean;
}

export class Kubernetes {
  readonly #apis = new Map<number, Api>();
  /** When a kubelet that has found everything is registered. */
  readonly #registering = new Map<string, number>();

  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  start(node: Node, unit: string): void {
    if (unit === 'etcd') this.world.etcd.start(node);
    else if (!node.units.has(unit)) this.#begin(node, unit, this.#waits(unit) ? Infinity : this.#soon());
    if (unit === 'haproxy') node.startBalancer();
  }

  /** Its unit is active from then on. */
  #begin(node: Node, unit: string, at: number): void {
    node.units.set(unit, at);
    if (at === Infinity) return;
    this.world.expect(at, `unit ${node.name} ${unit}`);
  }

  stop(node: Node, unit: string): void {
    if (unit === 'etcd') node.etcd = null;
    if (unit === 'kubelet') node.registeredIn.clear();
    node.units.delete(unit);
    this.world.stir('etcd');
  }

  isActive(node: Node, unit: string): boolean {
    if (unit === 'chrony') return true;
    if (unit === 'etcd') return this.world.etcd.answers(node);
    return this.world.now >= (node.units.get(unit) ?? Infinity);
  }

  #soon(): number {
    return this.world.now + this.world.random.between(0.1, 12);
  }

  /** Units that become ready only when what they ask is there. */
  #waits(unit: string): boolean {
    return ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].includes(unit);
  }

  /** Whether this master's API server works. */
  serves(node: Node): boolean {
    return this.isActive(node, 'kube-apiserver') && this.world.etcd.takesRequests(node);
  }

  /** The masters whose API server a node reaches by its load balancer. */
  #servers(node: Node): readonly Node[] {
    if (!this.isActive(node, 'haproxy')) return [];
    return this.world.masters.filter(
      (each) => uses(node.balancer, each.ip) && this.world.connected(each, node) && this.serves(each),
    );
  }

  /** What this node reaches through its load balancer; null when no API server works. */
  through(node: Node): Api | null {
    const servers = this.#servers(node);
    return servers.length === 0 ? null : this.#of(this.world.random.pick(servers));
  }

  #of(master: Node): Api {
    const { serial } = this.world.etcd.of(master)!.cluster;
    const known = this.#apis.get(serial);
    if (known !== undefined) return known;
    const made: Api = {
      ...{ created: this.world.now, nodes: new Map(), tokens: new Map(), requests: new Map(), shares: new Map() },
      ...{
        version: 1,
        sharesGiven: 0,
        refused: null,
        administrators: false,
        peers: null,
        leader: null,
        leadsFrom: Infinity,
      },
    };
    this.#apis.set(serial, made);
    return made;
  }

  /** Whether the API of this cluster, or of any, has this start of the node. */
  lists(node: Node, cluster?: number): boolean {
    const apis = cluster === undefined ? [...this.#apis.values()] : [this.#apis.get(cluster)];
    return apis.some((api) => api?.nodes.get(node.name)?.boot === node.boot);
  }

  isReady(name: string, api: Api): boolean {
    const node = this.world.nodes.find((each) => each.name === name);
    if (node === undefined) return false;
    const hears = node.on && api.nodes.get(name)?.boot === node.boot && node.units.has('kubelet');
    return hears || this.world.now - node.since < 40;
  }

  settle(): void {
    for (const api of this.#apis.values()) this.#control(api);
    for (const node of this.world.nodes.filter(({ on }) => on)) {
      for (const [unit, at] of node.units) {
        if (at !== Infinity || !this.#waits(unit)) continue;
        const may = unit === 'kube-apiserver' ? this.world.etcd.takesRequests(node) : this.through(node) !== null;
        if (may) this.#begin(node, unit, this.#soon());
      }
      if (this.isActive(node, 'kubelet')) this.#register(node);
      if (!node.isMaster) this.world.check.says(node, this.stage(node));
      const reaches = this.#servers(node).length > 0;
      if (node.reachesApi !== reaches) this.world.stir(`api ${node.name}`);
      node.reachesApi = reaches;
    }
  }

  #register(node: Node): void {
    const api = this.through(node);
    if (api === null || node.registeredIn.has(api)) return;
    if (this.#asks(node) && !this.#takesCertificate(node, api)) return;
    const key = `${node.boot} ${String(api.created)}`;
    const due = this.#registering.get(key) ?? this.#soon();
    if (!this.#registering.has(key)) this.world.expect(due);
    this.#registering.set(key, due);
    if (this.world.now < due) return;
    if (!node.isMaster) {
      node.write(CREDENTIALS, 'made up\n');
      node.write('var/lib/kubelet/kubelet.conf', 'made up\n');
    }
    api.nodes.set(node.name, { boot: node.boot, address: node.ip });
    node.registeredIn.add(api);
    this.world.stir(`listed ${node.name}`);
    this.world.note(node, 'the API server lists it');
  }

  #asks(node: Node): boolean {
    return !node.isMaster && node.read(CREDENTIALS) === '';
  }

  /** The kubelet asks with its token, and waits until its request is approved and the certificate issued. */
  #takesCertificate(node: Node, api: Api): boolean {
    if (!api.requests.has(node.name)) {
      if (!this.accepts(api, this.#token(node))) return false;
      api.requests.set(node.name, { approvedAt: Infinity, issuedAt: Infinity });
    }
    return api.requests.get(node.name)!.issuedAt <= this.world.now;
  }

  /** Controller managers elect one of them, which takes its time, and grants what is asked. */
  #control(api: Api): void {
    const { now, random } = this.world;
    const isUp = (node: Node): boolean =>
      this.isActive(node, 'kube-controller-manager') && this.serves(node) && this.#of(node) === api;
    if (api.leader !== null && !isUp(api.leader)) Object.assign(api, { leader: null, leadsFrom: Infinity });
    if (api.leader === null) {
      api.leader = this.world.masters.find((node) => node.on && isUp(node)) ?? null;
      if (api.leader === null) return;
      api.leadsFrom = now + (random.chance(0.1) ? random.between(60, 500) : random.between(0, 30));
    }
    for (const name of api.nodes.keys()) {
      if (api.shares.has(name) || now < api.leadsFrom) continue;
      api.shares.set(name, `10.244.${String(api.sharesGiven++)}.0/24`);
      this.world.stir(`api ${name}`);
    }
    for (const [name, asked] of api.requests) {
      if (asked.approvedAt !== Infinity) continue;
      asked.approvedAt = Math.max(now, api.leadsFrom) + random.between(0.1, 3);
      asked.issuedAt = asked.approvedAt + random.between(0.1, 3);
      this.world.expect(asked.approvedAt, `api ${name}`);
      this.world.expect(asked.issuedAt, `api ${name}`);
    }
  }

  /** What the request of a node looks like to it; null when the token is not accepted, undefined when there is none. */
  requestOf(node: Node, api: Api, token: string): object | null | undefined {
    if (!this.accepts(api, token)) return null;
    const asked = api.requests.get(node.name);
    if (asked === undefined) return undefined;
    const { now } = this.world;
    return {
      metadata: { name: `node-csr-${node.name}`, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { username: `system:bootstrap:${token.split('.')[0]!}` },
      status: {
        ...(asked.approvedAt <= now ? { conditions: [{ type: 'Approved' }] } : {}),
        ...(asked.issuedAt <= now ? { certificate: 'made up' } : {}),
      },
    };
  }

  /** Where a worker is; null when that depends on whom it asks. */
  stage(node: Node): Stage | null {
    const [api, ...others] = new Set(this.#servers(node).map((each) => this.#of(each)));
    if (api === undefined || others.length > 0) return null;
    if (!this.#asks(node)) return 'node';
    if (!this.accepts(api, this.#token(node))) return 'token';
    const asked = api.requests.get(node.name);
    if (asked === undefined) return 'request';
    if (asked.approvedAt > this.world.now) return 'approval';
    return asked.issuedAt > this.world.now ? 'certificate' : 'node';
  }

  /** Whether a worker waits for its token to be made known to the API that this master reaches, or to the store; or a removed one has one. */
  owesTokens(master: Node): boolean {
    const api = this.through(master);
    if (api === null) return false;
    if (this.world.removed.some((each) => this.mayJoin(api, each))) return true;
    const { store } = this.world;
    const waits = (node: Node): boolean =>
      node.on && !node.leaving && api.nodes.get(node.name)?.boot !== node.boot && node.read(CREDENTIALS) === '';
    const known = (node: Node): string =>
      this.world.distribution === 'external'
        ? (/"token":"([^"]*)"/.exec(store.get(node.name) ?? '')?.[1] ?? '')
        : this.#token(node);
    const lacks = (node: Node): boolean => waits(node) && !this.accepts(api, known(node));
    return this.world.distribution !== 'http' && this.world.nodes.some((each) => !each.isMaster && lacks(each));
  }

  #token(node: Node): string {
    return /token: (.*)/.exec(node.read(BOOTSTRAP.slice(1)))?.[1] ?? '';
  }

  /** What masters are to publish. */
  truth(api: Api): string {
    const cluster = this.world.etcd.clusters.find(({ serial }) => this.#apis.get(serial) === api);
    const members =
      cluster?.members
        .filter(({ learner, name }) => !learner && name !== '')
        .map(({ name, url }) => [url, cluster.apart.get(`coldstart/api-addresses/${name}`)]) ?? [];
    const nodes = [...api.nodes].map(([name, { address }]) => [name, address, api.shares.get(name)]);
    return JSON.stringify([members.toSorted(), nodes.toSorted()]);
  }

  /** What the API servers of an etcd cluster store. */
  in(cluster: Cluster): Api | undefined {
    return this.#apis.get(cluster.serial);
  }

  /** A node is deleted, and its share is free. */
  drop(api: Api, name: string): void {
    api.nodes.delete(name);
    api.shares.delete(name);
  }

  /** Whether a node may join by a token that anybody has made known. */
  mayJoin(api: Api, node: Node): boolean {
    const isFor = (each: Token): boolean => each.node === node.name || each.description === `lets join: ${node.name}`;
    return [...api.tokens.values()].some((each) => isFor(each) && each.until > this.world.now);
  }

  accepts(api: Api, token: string): boolean {
    const [id = '', secret] = token.split('.');
    const known = api.tokens.get(id);
    return known !== undefined && known.secret === secret && known.until > this.world.now;
  }
}
