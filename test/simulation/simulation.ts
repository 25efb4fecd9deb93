/**
 * The scheduler: the real scripts of all nodes, one of them running at a time; which goes on next, and when, follows from
 * the seed alone. Everything between two questions of a script happens at one instant.
 */
import { answer } from './commands.ts';
import { Breach } from './checks.ts';
import type { Node } from './node.ts';
import { Script } from './script.ts';
import type { World } from './world.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
}

const TOKENS_EVERY = 35;
const ORCHESTRATOR = 'cluster-bootstrap-orchestrator.sh';

export class Simulation {
  #events: Event[] = [];
  #order = 0;

  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** In `delay` seconds. */
  plan(delay: number, run: Event['run']): void {
    this.#events.push({ at: this.world.now + delay, order: this.#order++, run });
  }

  /** Runs until `done` says so. @throws Breach when it does not before `limit` */
  async run(done: () => boolean, limit: number): Promise<void> {
    try {
      while (!done()) {
        const event = this.#events.reduce<Event | null>(
          (first, each) =>
            first === null || each.at < first.at || (each.at === first.at && each.order < first.order) ? each : first,
          null,
        );
        if (event === null || event.at > limit) throw new Breach(`not at its end after ${limit.toFixed(0)} s`);
        this.#events = this.#events.filter((each) => each !== event);
        this.world.now = event.at;
        this.world.settle();
        await event.run();
        this.world.settle();
      }
    } finally {
      for (const node of this.world.nodes) for (const script of node.scripts) await script.kill();
    }
  }

  /** Starts a script; `ended` is called with its status unless the power fails before. */
  async launch(node: Node, name: string, args: readonly string[], ended: (status: number) => void): Promise<Script> {
    const script = new Script(node.root, name, args);
    node.scripts.add(script);
    await this.#follow(node, script, ended);
    return script;
  }

  async #follow(node: Node, script: Script, ended: (status: number) => void): Promise<void> {
    const question = await script.question();
    if (!script.runs && question === null) {
      node.scripts.delete(script);
      if (script.status !== 0)
        this.world.note(node, `${script.name} ends with ${String(script.status)} ${script.words.trim()}`);
      ended(script.status);
      return;
    }
    const isLocal = ['clock', 'jq', 'mv', 'rm', 'sync'].includes(question![0]!);
    this.plan(isLocal ? 0.01 : this.world.random.between(0.01, 0.5), async () => {
      if (!script.runs) return;
      if (node.fuse !== null && --node.fuse <= 0) {
        // Some die before it is done, some before they hear of it.
        if (this.world.random.chance(0.5)) answer(this.world, node, question!);
        await this.cutPower(node, question!);
        return;
      }
      const reply = answer(this.world, node, question!);
      await this.#control(node, question!);
      this.plan(reply.takes, async () => {
        if (!script.runs) return;
        script.answer(reply, this.world.now);
        await this.#follow(node, script, ended);
      });
    });
  }

  /** cluster-bootstrap.service is not in the world, but here. */
  async #control(node: Node, [command, verb, ...units]: readonly string[]): Promise<void> {
    if (command !== 'systemctl' || !units.includes('cluster-bootstrap')) return;
    node.stopped = verb === 'stop';
    if (verb === 'start' && !node.finished) this.#bootstrap(node, 0.1);
    for (const script of node.scripts) {
      if (verb !== 'stop' || script.name !== ORCHESTRATOR) continue;
      await script.kill();
      node.scripts.delete(script);
    }
  }

  switchOn(node: Node): void {
    if (node.on || node.dead) return;
    node.start(this.world.now);
    this.world.note(node, 'on');
    const boot = node.boot;
    this.plan(this.world.random.between(1, 40), async () => {
      if (node.boot !== boot || !node.on) return;
      await this.launch(node, 'cluster-state.sh', [], (status) => {
        if (status === 0) this.#bootstrap(node, this.world.random.between(0.1, 5));
      });
    });
    if (node.isMaster) this.#lookAfterNodes(node, boot);
  }

  /** As cluster-bootstrap.service does it: again after a failure, with growing delays. */
  #bootstrap(node: Node, delay: number): void {
    const boot = node.boot;
    this.plan(delay, async () => {
      if (node.boot !== boot || !node.on || node.stopped) return;
      await this.launch(node, ORCHESTRATOR, [], (status) => {
        if (status === 0) node.finished = true;
        else this.#bootstrap(node, Math.min(5 * 1.7 ** node.failures++, 120));
      });
    });
  }

  /** As cluster-nodes.timer does it, but only while it would make a difference. */
  #lookAfterNodes(node: Node, boot: string): void {
    this.plan(TOKENS_EVERY, async () => {
      if (node.boot !== boot || !node.on) return;
      this.#lookAfterNodes(node, boot);
      const waiting = this.world.nodes.some((each) => each.on && !each.isMaster && !this.world.kubernetes.lists(each));
      if (waiting && node.units.has('cluster-nodes.timer') && this.world.kubernetes.through(node) !== null) {
        await this.launch(node, 'cluster-nodes.sh', [], () => undefined);
      }
    });
  }

  /** @param during the question that the power fails at */
  async cutPower(node: Node, during: readonly string[] = []): Promise<void> {
    if (!node.on) return;
    this.world.note(
      node,
      `off${during.length === 0 ? '' : ` during ${during.slice(0, 12).join(' ').replaceAll(node.root, '')}`}`,
    );
    for (const script of node.scripts) await script.kill();
    node.scripts.clear();
    if (node.unsynced !== null) {
      if (node.data === null && this.world.random.chance(0.5)) {
        node.data = node.unsynced;
        this.world.note(node, 'deleted data of etcd is there again');
      } else if (during[0] === 'rm' && node.data !== null && this.world.random.chance(0.5)) {
        node.data = { ...node.unsynced, broken: true };
        this.world.note(node, 'a part of the data of etcd is deleted');
      }
    }
    node.unsynced = null;
    node.stop(this.world.now);
  }

  /** What a person does on request: resets the node, then restarts it; once more if the power failed and the node says so. */
  async reset(node: Node): Promise<void> {
    this.world.note(node, 'a person resets it');
    node.resetting = true;
    const boot = node.boot;
    this.plan(200, () => this.#lookAfterReset(node, boot));
    await this.launch(node, 'reset-bootstrap.sh', ['--yes'], (status) => {
      node.resetting = false;
      this.world.note(node, `the reset ends with ${String(status)}`);
      // Refused: all stays as it was.
      if (status !== 0) return;
      this.plan(this.world.random.between(1, 60), async () => {
        await this.cutPower(node);
        this.plan(10, () => this.switchOn(node));
      });
    });
  }

  #lookAfterReset(node: Node, boot: string): void {
    if (!node.resetting || node.boot === boot) {
      if (node.resetting) this.plan(200, () => this.#lookAfterReset(node, boot));
      return;
    }
    if (node.finished) node.resetting = false;
    else if (/reset-bootstrap/.test(node.ledger.get('etcd')?.todo ?? '')) this.plan(0, () => this.reset(node));
    else this.plan(200, () => this.#lookAfterReset(node, boot));
  }
}
