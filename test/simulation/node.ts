/** A simulated machine: its files in a folder that stands in for its disk, and the state that a power cut destroys. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cluster as Definition } from '../../src/config/cluster.ts';
import { renderNode } from '../../src/render/plan/plan.ts';
import { cluster, node } from '../render/cluster.ts';
import { SOURCES } from '../render/sources.ts';
import { STORE } from './joining.ts';
import type { Run } from './run.ts';
import { Shell } from './shell.ts';
import type { Distribution } from './world.ts';

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

export class Node {
  on = false;
  /** Never to be switched on again. */
  dead = false;
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
  #data: EtcdData | null = null;
  #shell: Shell | null = null;

  readonly name: string;
  ip: string;
  /** The definition that its image is of. */
  image: Definition | null = null;
  readonly role: string;
  readonly root: string;
  /** What is written below /etc is gone with the power. */
  hasTokenInMemory = false;

  constructor(name: string, ip: string, role: string, root: string) {
    this.name = name;
    this.ip = ip;
    this.role = role;
    this.root = root;
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
    this.write('run/cluster/identified', `${this.name}\n`);
    this.write('proc/sys/kernel/random/boot_id', `${this.boot}\n`);
    this.write('proc/sys/kernel/random/uuid', `uuid-${this.boot}\n`);
  }

  /** Memory is lost; the disk keeps what was written. */
  stop(now: number): void {
    this.remove('run');
    if (this.hasTokenInMemory) this.remove(BOOTSTRAP);
    Object.assign(this, { on: false, since: now, etcd: null, fuse: null, failing: null });
    this.units.clear();
    this.ledger.clear();
  }
}

/** The definition that all scenarios are about. */
export function definition(masters: number, workers: number, tokenDistribution: Distribution): Definition {
  const name = (kind: string, index: number): string => `${kind}-0${String(index + 1)}`;
  const external = { type: 'http', url: `https://${STORE}/{node}`, region: '', ca: null, credentials: {} } as const;
  return cluster({
    bootstrap: { tokenDistribution, token: null, tokenTtl: 86_400, port: 6444, external },
    nodes: [
      ...Array.from({ length: masters }, (_, index) =>
        node(name('master', index), index + 1, {
          roles: ['master'],
          bootRole: index === 0 ? 'master-first' : 'master-additional',
        }),
      ),
      ...Array.from({ length: workers }, (_, index) => node(name('worker', index), masters + index + 1)),
    ],
  });
}

/** Gives a node an image of a definition: the part of the rendered tree that the scripts read. */
export function giveImage(node: Node, of: Definition): void {
  if (node.image === of) return;
  node.image = of;
  const subject = of.nodes.find(({ name }) => name === node.name)!;
  node.ip = subject.ips[0]!;
  for (const entry of renderNode(of, subject, SOURCES)) {
    if (entry.type === 'file' && /^etc\/(cluster-config|etcd)\//.test(entry.path)) {
      node.write(entry.path, new TextDecoder().decode(entry.content));
    }
  }
}

/** The definition in which a node has another address. */
export const withAddress = (of: Definition, name: string, ip: string): Definition => ({
  ...of,
  nodes: of.nodes.map((each) => (each.name === name ? { ...each, ips: [ip] } : each)),
});

/** Writes images, and keys and tokens that are not real. */
export function install(of: Definition, folder: string): Node[] {
  const tokens = of.nodes
    .filter(({ bootRole }) => bootRole === 'worker')
    .map(({ name }, index) => [name, `token${String(index)}.secretof${name.replace('-', '')}`] as const);
  const isAsking = of.bootstrap.tokenDistribution === 'http';
  return of.nodes.map((each) => {
    const made = new Node(each.name, each.ips[0]!, each.bootRole, join(folder, each.name));
    giveImage(made, of);
    made.write('sys/class/net/lan/address', `${each.macs[0]!}\n`);
    made.write('sys/class/net/lan/type', '1\n');
    made.write('sys/class/net/lan/device/uevent', '');
    made.write('etc/kubernetes/pki/ca.crt', 'made up\n');
    made.write('etc/kubernetes/pod-network.conflist', '{"plugins": [{"ipam": {}}]}\n');
    made.write('etc/hosts', '127.0.0.1\tlocalhost\n');
    if (made.isMaster) {
      made.write('etc/kubernetes/kubelet.conf', 'made up\n');
      made.write('etc/kubernetes/pki/etcd/ca.crt', '-----BEGIN\nbWFkZSB1cA==\n-----END\n');
      if (!isAsking)
        made.write('etc/kubernetes/bootstrap-tokens.tsv', tokens.map((line) => `${line.join('\t')}\n`).join(''));
      made.write('etc/kubernetes/addons/00-admins.yaml', '');
    } else {
      const token = tokens.find(([name]) => name === made.name)![1];
      made.hasTokenInMemory = of.bootstrap.tokenDistribution !== 'embedded';
      if (!made.hasTokenInMemory) made.write(BOOTSTRAP, `users:\n- user:\n    token: ${token}\n`);
    }
    return made;
  });
}
