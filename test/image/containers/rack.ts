/**
 * Several nodes as containers on one switch, each with a state disk and disks for OSDs, for tests of whole clusters at
 * native speed. Tests can cut the power, replace disks, and run programs on a running node.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { loadCluster } from '../../../src/config/load.ts';
import { wholeNode } from '../../../src/render/plan/plan.ts';
import type { Target } from '../../../src/pki/issue/rotate.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { readSources } from '../../../src/builder/sources.ts';
import { DISK_EXTRA } from './container.ts';
import { storeFor } from '../build/definition.ts';
import { writeTree } from './node-root.ts';

const HERE = import.meta.dirname;
const PROJECT = join(HERE, '../../..');
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
const GIB = 1024 ** 3;
const STATE_DISK = 20 * GIB;

/** How many times as long everything may take, on a machine that has other things to do. */
export const PATIENCE = Number(process.env['COLDSTART_TEST_PATIENCE'] ?? 1);

/** Fails with the diagnostics' texts where it is not valid. */
export async function loadDefinition(definition: string) {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-definition-'));
  writeFileSync(join(folder, 'cluster.yaml'), definition);
  const { value: cluster, diagnostics } = await loadCluster(folder);
  const sources = await readSources(PROJECT, folder);
  rmSync(folder, { recursive: true });
  if (!cluster) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return { cluster, sources };
}

/** The trees of a definition, by node, with their secrets. @param rotations steps that are taken first, one after the other */
export async function treesOf(
  definition: string,
  rotations: readonly Target[] = [],
): Promise<ReadonlyMap<string, FileTree>> {
  const { cluster, sources } = await loadDefinition(definition);
  const store = await storeFor(cluster, rotations);
  return new Map(cluster.nodes.map((node) => [node.name, wholeNode(cluster, node, sources, store)]));
}

export class Rack {
  readonly #root: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'coldstart-rack-'));
  readonly #switch = `coldstart-${String(process.pid)}`;
  readonly #nodes: RackNode[] = [];
  readonly #outside: ChildProcess[] = [];

  constructor(root: string) {
    this.#root = root;
    command('ip', 'netns', 'add', this.#switch);
    command('ip', '-n', this.#switch, 'link', 'add', 'lan', 'type', 'bridge');
    command('ip', '-n', this.#switch, 'link', 'set', 'lan', 'up');
  }

  /** @param osdDisks how many disks of 6 GiB it has besides its state disk */
  add(name: string, mac: string, tree: FileTree, osdDisks = 1): RackNode {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    const node = new RackNode({ name, mac, folder, root: this.#root, network: this.#switch });
    node.boots(tree);
    node.blankState();
    for (let number = 1; number <= osdDisks; number += 1) node.addOsdDisk();
    this.#nodes.push(node);
    return node;
  }

  /** Starts a program on a machine that is no node, at this address in the network of the nodes. */
  startOutside(address: string, ...line: readonly string[]): ChildProcess {
    command('ip', '-n', this.#switch, 'address', 'add', address, 'dev', 'lan');
    const child = spawn('ip', ['netns', 'exec', this.#switch, ...line], { stdio: 'inherit' });
    this.#outside.push(child);
    return child;
  }

  async remove(): Promise<void> {
    for (const child of this.#outside) child.kill('SIGKILL');
    await Promise.all(this.#nodes.map((node) => node.cutPower()));
    this.#nodes.forEach((node) => {
      node.discard();
    });
    spawnSync('ip', ['netns', 'del', this.#switch]);
    rmSync(this.#folder, { recursive: true });
  }
}

interface Place {
  readonly name: string;
  readonly mac: string;
  readonly folder: string;
  readonly root: string;
  readonly network: string;
}

export class RackNode {
  readonly #at: Place;
  readonly #osdDisks: string[] = [];
  #stateDisk: string | null = null;
  #power: ChildProcess | null = null;
  #boots = 0;
  #images = 0;
  #tree = '';
  #root: string;

  constructor(at: Place) {
    this.#at = at;
    this.#root = at.root;
  }

  get name(): string {
    return this.#at.name;
  }

  /** The device of the node's n-th OSD disk, from 0. */
  osdDisk(index = 0): string {
    return this.#osdDisks[index] ?? '';
  }

  /** Gives it another image; it takes effect when it is switched on. @param root of its base layer, by default that of before */
  boots(tree: FileTree, root = this.#root): void {
    this.#images += 1;
    this.#root = root;
    this.#tree = join(this.#at.folder, `tree-${String(this.#images)}`);
    mkdirSync(this.#tree, { mode: 0o755 });
    writeTree(this.#tree, [...tree, ...DISK_EXTRA]);
  }

  /** Replaces the state disk by a blank one. */
  blankState(): void {
    if (this.#stateDisk !== null) detach(this.#stateDisk);
    this.#stateDisk = this.#blank('state', STATE_DISK);
  }

  addOsdDisk(): void {
    this.#osdDisks.push(this.#blank(`osd-${String(this.#osdDisks.length)}`, 6 * GIB));
  }

  /** Replaces an OSD's disk by a blank one. */
  replaceOsdDisk(index = 0): void {
    detach(this.osdDisk(index));
    this.#osdDisks[index] = this.#blank(`osd-${String(index)}`, 6 * GIB);
  }

  switchOn(): void {
    this.#boots += 1;
    const { name, mac, folder, network } = this.#at;
    const scratch = join(folder, `boot-${String(this.#boots)}`);
    mkdirSync(scratch);
    // Each node's systemd wants a control group of its own to begin in.
    const group = `for of in /sys/fs/cgroup{,/systemd,/unified}; do [ ! -e $of/cgroup.procs ] || { mkdir -p $of/${network}-${name}; echo $$ >$of/${network}-${name}/cgroup.procs; }; done; exec "$@"`;
    const args = ['-c', group, 'bash', 'unshare', ...NAMESPACES, join(HERE, 'boot-container.sh')];
    const nic = `eth-${name.slice(-6)}=${mac}`;
    this.#power = spawn('bash', [...args, this.#root, this.#tree, scratch, '86400', this.#stateDisk ?? 'none', nic], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, RACK: network, OSD_DISKS: this.#osdDisks.join(' ') },
    });
    const log = join(folder, `console-${String(this.#boots)}.log`);
    const note = (chunk: Buffer): void => {
      writeFileSync(log, chunk, { flag: 'a' });
    };
    this.#power.stdout?.on('data', note);
    this.#power.stderr?.on('data', note);
  }

  /** What the node has shown on its console since it was switched on. */
  console(): string {
    const log = join(this.#at.folder, `console-${String(this.#boots)}.log`);
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  }

  async cutPower(): Promise<void> {
    const power = this.#power;
    this.#power = null;
    if (power === null || power.exitCode !== null) return;
    const gone = once(power, 'close');
    power.kill('SIGKILL');
    await gone;
  }

  async shutDown(): Promise<void> {
    const power = this.#power;
    if (power === null) return;
    const gone = once(power, 'close');
    await this.run('systemctl', 'poweroff', '--no-block');
    await gone;
    this.#power = null;
  }

  /** Runs a program on the node; its output, or why it failed, as text. */
  async run(...line: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    const leader = this.#leader();
    if (leader === null) return { status: -1, stdout: '', stderr: `${this.name} is off` };
    const enter = ['--target', leader, '--mount', '--uts', '--ipc', '--net', '--pid'];
    const clean = [
      'env',
      '-i',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
      'LC_ALL=C.UTF-8',
      'HOME=/root',
    ];
    const { exitCode, stdout, stderr } = await execa('nsenter', [...enter, ...clean, ...line], {
      ...{ reject: false, timeout: PATIENCE * 120_000, stdin: 'ignore' },
    });
    return { status: exitCode ?? -1, stdout, stderr };
  }

  /** Where a folder of the running node is for this machine. */
  outside(path: string): string {
    return join('/proc', this.#leader() ?? '', 'root', path);
  }

  /** The node's ledger of this boot as `step state cause`. */
  async steps(): Promise<string[]> {
    const { stdout } = await this.run('cat', '/run/cluster/ledger.jsonl');
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, string>)
      .map(({ step, state, cause }) => `${step ?? ''} ${state ?? ''} ${cause ?? ''}`.trimEnd());
  }

  discard(): void {
    [this.#stateDisk, ...this.#osdDisks].forEach((device) => {
      if (device !== null) detach(device);
    });
  }

  /** The process that is number 1 on the node. */
  #leader(): string | null {
    const seek = (pid: string): string | null => {
      for (const child of childrenOf(pid)) {
        const found = statusOf(child);
        if (found.comm === 'systemd' && found.inside === '1') return child;
        const below = seek(child);
        if (below !== null) return below;
      }
      return null;
    };
    return this.#power?.pid === undefined ? null : seek(String(this.#power.pid));
  }

  #blank(name: string, size: number): string {
    this.#images += 1;
    const path = join(this.#at.folder, `${name}-${String(this.#images)}.img`);
    writeFileSync(path, '');
    truncateSync(path, size);
    return command('losetup', '--find', '--show', path);
  }
}

function childrenOf(pid: string): string[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks).flatMap((task) =>
    read(join(tasks, task, 'children'))
      .split(' ')
      .filter((word) => word !== ''),
  );
}

function statusOf(pid: string): { comm: string; inside: string } {
  const inside = /^NSpid:.*\t(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? '';
  return { comm: read(`/proc/${pid}/comm`).trim(), inside };
}

/** Processes come and go. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function detach(device: string): void {
  spawnSync('partx', ['--delete', device]);
  spawnSync('losetup', ['--detach', device]);
}

function command(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Asks again until the answer suits or the time is over; the last answer, so that a test can show it. */
export async function eventually<T>(seconds: number, ask: () => Promise<T>, suits: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (suits(answer) || performance.now() > end) return answer;
    await delay(500);
  }
}
