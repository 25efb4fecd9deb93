/** A simulated machine: its files in a folder that stands in for its disk, and the state that a power cut destroys. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cluster as Definition } from '../../src/config/cluster.ts';
import { readServers, type Balancer } from './balancer.ts';
import type { Run } from './run.ts';
import { Shell } from './shell.ts';

/** What etcd's folder holds. `broken`: a part of it is missing. */
interface EtcdData {
  readonly cluster: number;
  readonly member: number;
  readonly broken?: boolean;
}

/** A running etcd. `starting` and `failed` change at `due`, when it serves it has done so since then. */
export interface EtcdProcess {
  phase: 'starting' | 'serving' | 'failed';
  readonly due: number;
  /** When it reports that it is ready, and when a learner has caught up; infinite until it has heard of a leader. */
  readyAt: number;
  caughtUpAt: number;
}

export interface Entry {
  readonly step: string;
  readonly state: string;
  readonly cause: string;
  readonly message: string;
  readonly todo: string;
}

/** What a worker asks for its certificate with. */
export const BOOTSTRAP = '/etc/kubernetes/bootstrap-kubelet.conf';
export const CREDENTIALS = 'var/lib/kubelet/pki/kubelet-client-current.pem';
export const HOSTS = 'etc/hosts';
const BALANCER_SOCKET = 'run/haproxy/admin.sock';

export class Node {
  on = false;
  /** Never to be switched on again. */
  dead = false;
  /** A person wants it to be no part of the cluster any more. */
  leaving = false;
  starts = 0;
  since = 0;
  etcd: EtcdProcess | null = null;
  /** When each started unit is active; infinite while it cannot be yet. */
  units = new Map<string, number>();
  /** Through its load balancer; when the world was last looked at. */
  reachesApi = false;
  runs = new Set<Run>();
  ledger = new Map<string, Entry>();
  /** The role's script has ended well since the power came. */
  finished = false;
  /** Failures of the role's script in a row. */
  failures = 0;
  /** Questions until the power fails; null when nothing of the kind is planned. */
  fuse: number | null = null;
  /** Commands until one fails that should not; null when nothing of the kind is planned. */
  failing: number | null = null;
  /** Data of etcd that was deleted, but would be there again after a power cut now. */
  unsynced: EtcdData | null = null;
  /** Changes with each start and stop of cluster-bootstrap.service. */
  service = 0;
  /** A person has begun a reset that has not come to its end. */
  resetting = false;
  /** When it last got a token. */
  tokenSince = 0;
  /** Its haproxy, while that runs. */
  balancer: Balancer | null = null;
  /** To the pods of other nodes: ranges, and through which address. */
  readonly routes = new Map<string, string>();
  /** Addresses that know the way back to its pods. */
  readonly sources = new Set<string>();
  /** Clusters that the kubelet which runs has told of itself, which it does once. */
  readonly registeredIn = new Set<object>();
  #data: EtcdData | null = null;
  #shell: Shell | null = null;

  readonly name: string;
  readonly root: string;
  /** When its certificates were made. */
  readonly certified: number;
  /** The definition that its image is of, and what that says of this node. */
  image: Definition | null = null;
  ip = '';
  /** Of its etcd; another one than `ip` where etcd has a network of its own. */
  etcdIp = '';
  role: string;
  /** The file as it is in the image. */
  hosts = '';
  /** What is written below /etc is gone with the power. */
  hasTokenInMemory = false;

  constructor(name: string, role: string, root: string, certified: number) {
    this.name = name;
    this.role = role;
    this.root = root;
    this.certified = certified;
  }

  get isMaster(): boolean {
    return this.role !== 'worker';
  }

  get boot(): string {
    return `boot-${this.name}-${String(this.starts)}`;
  }

  read(path: string): string {
    try {
      return readFileSync(join(this.root, path), 'utf8');
    } catch {
      return '';
    }
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  get data(): EtcdData | null {
    return this.#data;
  }

  /** The scripts only look whether there is a folder. */
  set data(of: EtcdData | null) {
    this.#data = of;
    if (of === null) this.remove('var/lib/etcd/member');
    else mkdirSync(join(this.root, 'var/lib/etcd/member/wal'), { recursive: true });
  }

  /** The disk is a blank one. */
  wipe(): void {
    this.data = null;
    this.remove('var');
  }

  startBalancer(): void {
    this.balancer ??= readServers(this.read('etc/haproxy/haproxy.cfg'));
    this.write(BALANCER_SOCKET, '');
  }

  get shell(): Shell {
    return (this.#shell ??= new Shell(this.root));
  }

  /** Nothing of it runs any more. */
  end(): void {
    this.#shell?.end();
  }

  get state(): string {
    return this.read('var/lib/cluster-state/bootstrap-state').trim() || 'uninitialized';
  }

  /** What a start of the machine finds in memory, as cluster-detect.service leaves it. */
  start(now: number): void {
    Object.assign(this, {
      on: true,
      starts: this.starts + 1,
      since: now,
      finished: false,
      failures: 0,
      service: this.service + 1,
    });
    this.write(HOSTS, this.hosts);
    this.write('run/cluster/identified', `${this.name}\n`);
    this.write('proc/sys/kernel/random/boot_id', `${this.boot}\n`);
    this.write('proc/sys/kernel/random/uuid', `uuid-${this.boot}\n`);
  }

  /** Memory is lost; the disk keeps what was written. */
  stop(now: number): void {
    this.remove('run');
    this.remove('etc/cni');
    if (this.hasTokenInMemory) this.remove(BOOTSTRAP);
    Object.assign(this, { on: false, since: now, etcd: null, fuse: null, failing: null, balancer: null });
    for (const lost of [this.units, this.ledger, this.routes, this.sources, this.registeredIn]) lost.clear();
  }
}
