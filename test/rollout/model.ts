/**
 * A cluster as a rollout sees it: nodes with two slots, power, health and marks. Time belongs to the model. Faults come at random, from a
 * seed: calls that fail, calls that work and whose answer is lost, power cuts, images that do not become good, the end of the program
 * at any call, the user's interruption.
 */
import type { ClusterAccess, Lease, Refusal } from '../../src/usecases/rollout/access.ts';
import type { PlannedNode } from '../../src/usecases/rollout/plan.ts';
import type { NodeReport } from '../../src/usecases/rollout/report.ts';
import type { Seen } from '../../src/usecases/rollout/state.ts';

const OLD = 'a'.repeat(64);
export const NEW = 'b'.repeat(64);

interface Machine {
  readonly planned: PlannedNode;
  image: string;
  /** What the next start tries. */
  pending: string | null;
  /** What runs if the try fails. */
  former: string | null;
  returned: string | null;
  /** What its running system has taken without a restart. */
  live: string | null;
  boots: number;
  /** When it is up, and when its try is decided. */
  upAt: number;
  goodAt: number;
  marked: boolean;
  cordoned: boolean;
  held: boolean;
  /** The rollout has restarted it, and it is not healthy yet. */
  restarted: boolean;
}

export interface Chances {
  /** Of each call. */
  readonly fails: number;
  readonly lost: number;
  readonly cut: number;
  readonly killed: number;
  readonly interrupted: number;
  /** Of each try. */
  readonly bad: number;
}

/** The program ended here. */
export class Killed extends Error {}

/** Seconds. */
const LEASE = 120;

export class Model implements Omit<ClusterAccess, 'lock' | 'unlock'> {
  readonly machines: ReadonlyMap<string, Machine>;
  readonly broken: string[] = [];
  readonly log: string[] = [];
  chances: Chances;
  #clock = 0;
  #lease = { holder: '', until: 0 };
  #interrupted = false;
  readonly #random: () => number;
  readonly #parallel: number;

  constructor(nodes: readonly PlannedNode[], seed: number, chances: Chances, parallel: number) {
    this.machines = new Map(nodes.map((planned) => [planned.name, blank(planned)]));
    this.#random = generator(seed);
    this.chances = chances;
    this.#parallel = parallel;
  }

  /** Of another run of the program. */
  begin(): void {
    this.#interrupted = false;
    if (this.#running++ === 0) this.#spared.clear();
  }

  end(): void {
    this.#running--;
  }

  /** Programs at work at the moment. */
  #running = 0;

  /** The cluster as one rollout of several has it. Its lease is renewed until it ends, whenever an API server runs. */
  as(holder: string): ClusterAccess {
    let ended = false;
    const alive = async <T>(action: () => Promise<T>): Promise<T> => {
      if (ended) throw new Killed();
      this.#renew();
      try {
        return await action();
      } catch (error) {
        ended = error instanceof Killed;
        if (ended) this.#renewing.delete(holder);
        throw error;
      }
    };
    const acts =
      <A extends string[], T>(what: string, action: (...args: A) => Promise<T>) =>
      (...args: A): Promise<T> =>
        alive(() => {
          if (this.#holder() !== holder) this.broken.push(`${holder} does ${what} ${args.join(' ')} without the lease`);
          return action(...args);
        });
    return {
      ...{
        now: () => this.now(),
        interrupted: () => this.interrupted(),
        pause: (seconds) => alive(() => this.#sleep(holder, seconds)),
      },
      ...{ look: (node) => alive(() => this.look(node)), marked: () => alive(() => this.marked()) },
      ...{ spare: (node) => alive(() => this.spare(node)), snapshot: acts('snapshot', () => this.snapshot()) },
      write: acts('write', (node: string) => this.write(node)),
      takeLive: acts('takeLive', (node: string) => this.takeLive(node)),
      giveUp: acts('giveUp', (node: string) => this.giveUp(node)),
      drain: acts('drain', (node: string) => this.drain(node)),
      hold: acts('hold', (node: string) => this.hold(node)),
      release: acts('release', (node: string) => this.release(node)),
      restart: acts('restart', (node: string) => this.restart(node)),
      lock: () => alive(() => this.#lock(holder)),
      unlock: () => {
        if (!ended && this.#lease.holder === holder) this.#lease = { holder: '', until: 0 };
        this.#renewing.delete(holder);
        return Promise.resolve();
      },
    };
  }

  readonly #renewing = new Set<string>();

  /** Sometimes the machine of the rollout sleeps, too, longer than its lease. */
  async #sleep(holder: string, seconds: number): Promise<void> {
    await this.pause(seconds);
    if (this.#random() >= this.chances.lost * 2) return;
    this.#renewing.delete(holder);
    for (let turn = 0; turn < 10; turn++) await this.pause(LEASE / 5);
  }

  #lock(holder: string): Promise<Lease> {
    const unknown: Lease = { state: 'unknown', reason: 'no API server answers' };
    return this.#call<Lease>('lock', unknown, () => {
      if (!this.#hasApi()) return unknown;
      if (![holder, ''].includes(this.#holder())) return { state: 'taken', reason: `${this.#holder()} has it` };
      this.#lease = { holder, until: this.#clock + LEASE };
      this.#renewing.add(holder);
      return { state: 'held' };
    });
  }

  #holder = (): string => (this.#clock < this.#lease.until ? this.#lease.holder : '');

  #hasApi = (): boolean =>
    [...this.machines.values()].some(({ planned, upAt }) => planned.isMaster && upAt <= this.#clock);

  /** In the background: nobody takes a lease between its end and its holder's next renewal but by `lock`. */
  #renew(): void {
    const { holder, until } = this.#lease;
    if (this.#renewing.has(holder) && this.#clock < until && this.#hasApi())
      this.#lease = { holder, until: this.#clock + LEASE };
  }

  now(): number {
    return this.#clock;
  }

  interrupted(): boolean {
    return this.#interrupted;
  }

  async pause(seconds: number): Promise<void> {
    await Promise.resolve(); // lets others act in between
    this.#renew();
    this.#clock += seconds;
    this.#misfortune();
  }

  look(node: string): Promise<Seen> {
    return this.#call(`look ${node}`, unseen(node), () => this.#seen(node));
  }

  marked(): Promise<readonly string[]> {
    const all = [...this.machines.values()].filter(({ marked, held }) => marked || held);
    return Promise.resolve(all.map(({ planned }) => planned.name));
  }

  snapshot = (): Promise<Refusal> => this.#act('snapshot', () => undefined);

  write = (node: string): Promise<Refusal> => this.#onNode('write', node, (machine) => (machine.pending = NEW));

  takeLive = (node: string): Promise<Refusal> =>
    this.#onNode('takeLive', node, (machine) => (machine.live = machine.pending));

  giveUp = (node: string): Promise<Refusal> =>
    this.#onNode('giveUp', node, (machine) => Object.assign(machine, { pending: null, live: null }));

  restart = (node: string): Promise<Refusal> =>
    this.#onNode('restart', node, (machine) => {
      this.#checkRestart(machine);
      machine.restarted = true;
      this.#start(machine);
    });

  hold = (node: string): Promise<Refusal> => this.#act(`hold ${node}`, () => (this.#of(node).held = true));

  drain = (node: string): Promise<Refusal> =>
    this.#act(`drain ${node}`, () => {
      Object.assign(this.#of(node), { marked: true, cordoned: true });
    });

  release = (node: string): Promise<Refusal> =>
    this.#act(`release ${node}`, () => {
      const machine = this.#of(node);
      if (machine.marked) machine.cordoned = false;
      Object.assign(machine, { marked: false, held: false });
    });

  spare = (node: string): Promise<Refusal> => {
    return this.#call('spare', 'no answer', () => {
      if (!this.#isSpared(this.#of(node))) return 'another master is away';
      this.#spared.add(node);
      return null;
    });
  };

  /** Nobody can help it if a master fails in the second between this answer and the restart, so none does. */
  readonly #spared = new Set<string>();

  #isSpared({ planned }: Machine): boolean {
    const others = [...this.machines.values()].filter((one) => one.planned.isMaster && one.planned !== planned);
    const healthy = others.filter((one) => this.#isHealthy(one)).length;
    return !planned.isMaster || healthy >= Math.min(Math.floor((others.length + 1) / 2) + 1, others.length);
  }

  #checkRestart(machine: Machine): void {
    if (!this.#isSpared(machine)) this.broken.push(`${machine.planned.name} restarts without quorum`);
    const away = [...this.machines.values()].filter((one) => one.restarted && !this.#isHealthy(one) && one !== machine);
    const masters = away.filter(({ planned }) => planned.isMaster);
    if (machine.planned.isMaster && masters.length > 0) this.broken.push('two masters are away');
    const workers = away.filter(({ planned }) => !planned.isMaster && !planned.isStorage);
    if (workers.length >= this.#parallel) this.broken.push(`more than ${this.#parallel} workers are away`);
    if (machine.planned.isMember && !machine.cordoned) this.broken.push(`${machine.planned.name} was not drained`);
    if (machine.planned.isStorage && !machine.held) this.broken.push(`${machine.planned.name} is not held`);
  }

  #of(node: string): Machine {
    const machine = this.machines.get(node);
    if (machine === undefined) throw new Error(`no ${node}`);
    return machine;
  }

  /** Time passes for it: it comes up, and decides. */
  #settle(machine: Machine): void {
    if (machine.former === null || this.#clock < machine.goodAt) return;
    if (this.#random() < this.chances.bad) {
      Object.assign(machine, { image: machine.former, former: null, returned: 'kubelet: not ready' });
      this.#boot(machine);
    } else Object.assign(machine, { former: null, returned: null });
  }

  #isHealthy(machine: Machine): boolean {
    this.#settle(machine);
    const healthy = this.#clock >= machine.upAt && machine.former === null;
    if (healthy) machine.restarted = false;
    return healthy;
  }

  /** What the boot loader does: a try that did not become good is over. */
  #start(machine: Machine): void {
    if (machine.former !== null)
      Object.assign(machine, { image: machine.former, former: null, returned: 'power was cut' });
    else if (machine.pending !== null) {
      Object.assign(machine, { former: machine.image, image: machine.pending, pending: null, returned: null });
    }
    this.#boot(machine);
  }

  #boot(machine: Machine): void {
    machine.boots++;
    machine.live = null;
    machine.upAt = this.#clock + 20 + this.#random() * 60;
    machine.goodAt = machine.upAt + this.#random() * 60;
  }

  #seen(node: string): Seen {
    const machine = this.#of(node);
    const healthy = this.#isHealthy(machine);
    if (this.#clock < machine.upAt) return unseen(node);
    const { image, pending, former, returned, boots, live } = machine;
    const state = former !== null ? 'trying' : pending !== null ? 'pending' : returned !== null ? 'returned' : 'good';
    const report: NodeReport = {
      ...{ node, cluster: 'lab', boot: String(boots), certificate: null, warnings: [] },
      update: {
        ...{ image, slot: 'A', release: image === NEW ? 2 : 1, kubernetes: '1.35.4', state, reason: returned, live },
        pending: pending === null ? null : { slot: 'B', release: 2 },
      },
      health: { healthy, checks: healthy ? [] : [{ name: 'kubelet', healthy: false, reason: 'not ready' }] },
    };
    return { node, report, problem: null, away: false };
  }

  #onNode(what: string, node: string, action: (machine: Machine) => unknown): Promise<Refusal> {
    return this.#call(`${what} ${node}`, 'no answer', () => {
      const machine = this.#of(node);
      this.#settle(machine);
      if (this.#clock < machine.upAt) return 'it cannot be reached';
      if (what === 'write' && machine.former !== null) return 'it tries an update';
      if (/restart|takeLive/.test(what) && machine.pending === null) return 'no update waits for its try';
      action(machine);
      return null;
    });
  }

  #act(what: string, action: () => unknown): Promise<Refusal> {
    return this.#call(what, 'no answer', () => {
      action();
      return null;
    });
  }

  /** A call with its misfortunes. */
  async #call<T>(what: string, failed: T, action: () => T): Promise<T> {
    await Promise.resolve(); // lets others act in between
    this.#renew();
    this.#clock += 1 + this.#random();
    if (!what.startsWith('restart')) this.#misfortune();
    this.log.push(`${Math.round(this.#clock)} ${what}`);
    if (!/^(spare|lock|look)/.test(what)) this.#spared.delete(what.replace(/.* /, ''));
    const fate = this.#random();
    const { fails, lost, killed } = this.chances;
    if (fate < fails) return failed;
    if (fate < fails + killed / 2) throw new Killed();
    const answer = action();
    if (fate < fails + killed) throw new Killed();
    return fate < fails + killed + lost ? failed : answer;
  }

  #misfortune(): void {
    if (this.#random() < this.chances.interrupted) this.#interrupted = true;
    if (this.#random() >= this.chances.cut || this.#spared.size > 0) return;
    const all = [...this.machines.values()];
    const machine = all[Math.floor(this.#random() * all.length)];
    if (machine === undefined) return;
    this.log.push(`${Math.round(this.#clock)} power cut ${machine.planned.name}`);
    this.#settle(machine);
    this.#start(machine);
  }
}

const blank = (planned: PlannedNode): Machine => ({
  ...{ planned, image: OLD, pending: null, former: null, returned: null, live: null, boots: 1, upAt: 0, goodAt: 0 },
  ...{ marked: false, cordoned: false, held: false, restarted: false },
});

const unseen = (node: string): Seen => ({ node, report: null, problem: 'it cannot be reached', away: true });

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
