/**
 * The scheduler: the real scripts of all nodes, one of them running at a time. Only the seed decides which script
 * continues next, and when. Everything between two requests of a script happens at one instant.
 */
import { answer } from './commands.ts';
import { joinReply, joinRequest, noAnswer } from './joining.ts';
import { giveImage, type Node } from './node.ts';
import type { Reply } from './reply.ts';
import { Run } from './run.ts';
import type { World } from './world.ts';

const TOKENS_EVERY = 35;
const ORCHESTRATOR = 'cluster-bootstrap-orchestrator.sh';
/** Commands that leave the machine alone to itself. */
const LOCAL: readonly string[] = ['ledger', 'mv', 'rm', 'sync', 'find', 'run', 'step_state'];

type Ended = (run: Run) => void | Promise<void>;

interface Launch {
  readonly args?: readonly string[];
  readonly input?: string;
  /** The script that has called this one. */
  readonly by?: Run;
}

export class Simulation {
  readonly #sleepers = new Set<Run>();

  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Runs until `done` says so, but not beyond `limit`. */
  async run(done: () => boolean, limit: number): Promise<void> {
    while (!done()) {
      const event = this.world.agenda.next(limit);
      if (event === null) return;
      this.world.settle();
      await event.run();
      this.world.settle();
      this.#wakeThoseConcerned();
    }
  }

  /** Starts a script; `ended` is called unless the power fails before. */
  async launch(node: Node, name: string, ended: Ended, { args = [], input = '', by }: Launch = {}): Promise<void> {
    const run = new Run(node.shell.run(name, args, input, this.world.now), by ?? null);
    node.runs.add(run);
    await this.#follow(node, run, ended);
  }

  async #follow(node: Node, run: Run, ended: Ended): Promise<void> {
    const question = await run.script.question();
    if (question === null) {
      node.runs.delete(run);
      if (run.script.status !== 0) {
        const words = run.script.said('err').slice(-400).trim();
        this.world.note(node, `${run.script.name} ends with ${String(run.script.status)} ${words}`);
      }
      await ended(run);
      return;
    }
    const thinks = LOCAL.includes(question[0]!) ? 0.01 : this.world.random.between(0.01, 0.5);
    this.world.agenda.plan(thinks, async () => {
      if (!run.script.runs) return;
      if (node.fuse !== null && --node.fuse <= 0) {
        // Some die before it is done, some before they hear of it.
        if (
          !['run', 'sleep'].includes(question[0]!) &&
          !question.at(-1)!.endsWith('/v1/join') &&
          this.world.random.chance(0.5)
        )
          answer(this.world, node, run, question);
        this.cutPower(node, question);
        return;
      }
      const goOn = async (reply: Omit<Reply, 'takes'>): Promise<void> => {
        if (!run.script.runs) return;
        run.script.answer(reply, this.world.now);
        await this.#follow(node, run, ended);
      };
      await this.#answer(node, run, question, goOn);
    });
  }

  async #answer(
    node: Node,
    run: Run,
    question: readonly string[],
    goOn: (reply: Omit<Reply, 'takes'>) => Promise<void>,
  ): Promise<void> {
    const [command, ...args] = question;
    if (command === 'run') {
      const done: Ended = async ({ script }) => goOn({ status: script.status, out: script.said('out'), err: '' });
      await this.launch(node, args[0]!, done, { args: args.slice(1), by: run });
    } else if (command === 'curl' && args.at(-1)!.endsWith('/v1/join')) {
      await this.#askMaster(node, args, goOn);
    } else if (command === 'sleep') {
      this.#sleep(run, Number(args[0]), () => goOn({ status: 0, out: '', err: '' }));
    } else {
      const reply = answer(this.world, node, run, question);
      this.#control(node, question);
      this.world.agenda.plan(reply.takes, () => goOn(reply));
    }
  }

  /** The master's own script answers; when its power fails meanwhile, nobody does. */
  async #askMaster(node: Node, args: readonly string[], goOn: (reply: Reply) => Promise<void>): Promise<void> {
    const { agenda } = this.world;
    const request = joinRequest(this.world, node, new URL(args.at(-1)!));
    let isOver = false;
    const once = async (reply: Reply): Promise<void> => {
      if (!isOver) {
        isOver = true;
        await goOn(reply);
      }
    };
    agenda.plan(request === null ? 3 : 30, () => once(noAnswer(0)));
    if (request === null) return;
    const ended: Ended = ({ script }) => once(joinReply(script.said('out')));
    await this.launch(request.master, 'cluster-join.sh', ended, { input: request.text });
  }

  /** Nobody has to look again at what has not changed; but the longer nothing does, the longer it may go on so. */
  #sleep(run: Run, seconds: number, goOn: () => Promise<void>): void {
    const { agenda, random } = this.world;
    const begin = agenda.now;
    let isOver = false;
    const wake = async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      this.#sleepers.delete(run);
      run.topics.clear();
      await goOn();
    };
    run.wake = (): void => {
      run.undisturbed = 0;
      this.#sleepers.delete(run);
      agenda.plan(Math.max(begin + seconds - agenda.now, 0) + random.between(0, 0.3), wake);
    };
    const patience = run.topics.size === 0 ? 0 : Math.min(4 * 2 ** run.undisturbed++, 60);
    agenda.plan(Math.max(seconds, patience) + random.between(0, 0.2), wake);
    this.#sleepers.add(run);
  }

  #wakeThoseConcerned(): void {
    const { changed } = this.world;
    if (changed.size === 0) return;
    for (const run of [...this.#sleepers]) {
      if (run.concerns(changed)) run.wake();
    }
    changed.clear();
  }

  /** cluster-bootstrap.service is not in the world, but here. */
  #control(node: Node, [command, verb, ...units]: readonly string[]): void {
    if (command !== 'systemctl' || !units.includes('cluster-bootstrap')) return;
    if (verb !== 'start') {
      node.service++;
      node.finished = false;
      for (const run of node.runs) if (run.root.script.name === ORCHESTRATOR) this.#kill(node, run);
    }
    if (verb !== 'stop' && !node.finished) this.#bootstrap(node, 0.1);
  }

  #kill(node: Node, run: Run): void {
    run.script.kill();
    node.runs.delete(run);
    this.#sleepers.delete(run);
  }

  switchOn(node: Node): void {
    if (node.on || node.dead) return;
    this.#giveImage(node);
    node.start(this.world.now);
    this.world.note(node, 'on');
    this.world.stir('etcd');
    const boot = node.boot;
    this.#beginState(node, boot, this.world.random.between(1, 40));
    if (node.isMaster) this.#lookAfterNodes(node, boot);
    this.#lookAfterPeers(node, boot);
  }

  /** cluster-watch.sh begins it again if it ended without a reason. */
  #beginState(node: Node, boot: string, delay: number): void {
    this.world.agenda.plan(delay, async () => {
      if (node.boot !== boot || !node.on) return;
      await this.launch(node, 'cluster-state.sh', ({ script }) => {
        if (script.status === 0) this.#bootstrap(node, this.world.random.between(0.1, 5));
        else if (node.ledger.get('state')?.cause === 'unexpected-end') this.#beginState(node, boot, 60);
      });
    });
  }

  /** Whoever has not moved, and knows the cluster, may have an image that is older than others' moves. */
  #giveImage(node: Node): void {
    const { definition, random } = this.world;
    const addressIn = (of: typeof definition | null): string =>
      of?.nodes.find(({ name }) => name === node.name)?.ips[0] ?? '';
    const mayKeep = addressIn(node.image) === addressIn(definition) && node.state !== 'uninitialized';
    if (mayKeep && random.chance(0.5)) return;
    giveImage(node, definition);
  }

  /** As cluster-bootstrap.service does it: again after a failure, with growing delays. */
  #bootstrap(node: Node, delay: number): void {
    const service = node.service;
    this.world.agenda.plan(delay, async () => {
      if (node.service !== service || !node.on) return;
      await this.launch(node, ORCHESTRATOR, ({ script }) => {
        if (script.status === 0) node.finished = true;
        else this.#bootstrap(node, Math.min(5 * 1.7 ** node.failures++, 120));
      });
    });
  }

  /** As cluster-nodes.timer does it, but only while it would make a difference. */
  #lookAfterNodes(node: Node, boot: string): void {
    this.world.agenda.plan(TOKENS_EVERY, async () => {
      if (node.boot !== boot || !node.on) return;
      this.#lookAfterNodes(node, boot);
      const runs = [...node.runs].some(({ script }) => script.name === 'cluster-nodes.sh');
      if (runs || !node.units.has('cluster-nodes.timer')) return;
      const { etcd, kubernetes } = this.world;
      const isKnown = node.ledger.get('clusters')?.state === 'failed';
      // A first master may learn more of the other cluster later on.
      const concerns = etcd.differ(node) ? !isKnown || node.role === 'master-first' : isKnown;
      const owesTokens = kubernetes.lacksToken(node) || node.ledger.get('store')?.state === 'waiting';
      const api = kubernetes.through(node);
      const owesPeers = api !== null && api.administrators && api.peers?.of !== kubernetes.truth(api);
      if (!concerns && !owesTokens && !owesPeers) return;
      await this.launch(node, 'cluster-nodes.sh', () => undefined);
    });
  }

  /** As cluster-peers.service does it, which watches. */
  #lookAfterPeers(node: Node, boot: string): void {
    this.world.agenda.plan(this.world.random.between(20, 90), async () => {
      if (node.boot !== boot || !node.on) return;
      this.#lookAfterPeers(node, boot);
      const runs = [...node.runs].some(({ script }) => script.name === 'cluster-peers.sh');
      const { kubernetes } = this.world;
      const published = kubernetes.through(node)?.peers ?? null;
      if (runs || published === null || kubernetes.knowsPeers(node)) return;
      await this.launch(node, 'cluster-peers.sh', () => undefined, { args: ['--once'] });
    });
  }

  /** @param during the question that the power fails at */
  cutPower(node: Node, during: readonly string[] = []): void {
    if (!node.on) return;
    const what = during.slice(0, 12).join(' ').replaceAll(node.root, '');
    this.world.note(node, what === '' ? 'off' : `off during ${what}`);
    for (const run of node.runs) this.#kill(node, run);
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
    this.world.stir('etcd');
  }

  /** What a person does on request: resets the node, then restarts it; once more if the power failed and the node says so. */
  async reset(node: Node): Promise<void> {
    const { agenda, random } = this.world;
    this.world.note(node, 'a person resets it');
    node.resetting = true;
    node.finished = false;
    const boot = node.boot;
    agenda.plan(200, () => this.#lookAfterReset(node, boot));
    const ended: Ended = ({ script: { status } }) => {
      node.resetting = false;
      this.world.note(node, `the reset ends with ${String(status)}`);
      // Refused: all stays as it was.
      if (status !== 0) return;
      agenda.plan(random.between(1, 60), () => {
        this.cutPower(node);
        agenda.plan(10, () => this.switchOn(node));
      });
    };
    await this.launch(node, 'reset-bootstrap.sh', ended, { args: ['--yes'] });
  }

  #lookAfterReset(node: Node, boot: string): void {
    const again = (): void => this.world.agenda.plan(200, () => this.#lookAfterReset(node, boot));
    if (!node.resetting) return;
    if (node.boot === boot) again();
    else if (node.finished) node.resetting = false;
    else if (/reset-bootstrap/.test(node.ledger.get('etcd')?.todo ?? '')) return void this.reset(node);
    else again();
  }
}
