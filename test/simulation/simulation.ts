/**
 * The scheduler: the real scripts of all nodes, one of them running at a time. Only the seed decides which script
 * continues next, and when. Everything between two requests of a script happens at one instant.
 */
import { answer } from './commands.ts';
import { joinReply, joinRequest, noAnswer } from './joining.ts';
import type { Node } from './node.ts';
import type { Reply } from './reply.ts';
import { Run } from './run.ts';
import { beginServices, control, renewImage } from './services.ts';
import { event, isWatch, TOPICS } from './watch.ts';
import type { World } from './world.ts';

/** Commands that leave the machine alone to itself. */
const LOCAL: readonly string[] = ['ledger', 'mv', 'rm', 'sync', 'find', 'run', 'step_state', 'ip', 'nft', 'socat'];

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
          !isWatch(question) &&
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
    } else if (isWatch(question)) {
      this.#watch(node, run, goOn);
    } else if (command === 'sleep') {
      this.#sleep(run, Number(args[0]), () => goOn({ status: 0, out: '', err: '' }));
    } else {
      const reply = answer(this.world, node, run, question);
      control(this, node, question);
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
    const patience = run.topics.size === 0 ? 0 : Math.min(4 * 2 ** run.undisturbed++, run.patience);
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

  /** The answer is the next change; or, when the watch's time is over, what the next one begins with, if it makes a difference. */
  #watch(node: Node, run: Run, goOn: (reply: Omit<Reply, 'takes'>) => Promise<void>): void {
    const { agenda, random } = this.world;
    let isOver = false;
    const end = async (reply: Omit<Reply, 'takes'>): Promise<void> => {
      if (isOver) return;
      isOver = true;
      this.#sleepers.delete(run);
      await goOn(reply);
    };
    const look = async (isLast: boolean): Promise<void> => {
      if (isOver || !run.script.runs) return;
      const reply = event(this.world, node, run, isLast);
      if (reply !== null) return end(reply);
      for (const topic of TOPICS(node)) run.topics.add(topic);
      run.wake = (): void => {
        this.#sleepers.delete(run);
        // Changes often come together.
        agenda.plan(random.between(1, 15), () => look(false));
      };
      this.#sleepers.add(run);
    };
    const repeat = async (): Promise<void> => {
      if (isOver || !run.script.runs) return;
      agenda.plan(random.between(300, 600), repeat);
      await look(true);
    };
    agenda.plan(random.between(300, 600), repeat);
    agenda.plan(0.1, () => look(false));
  }

  /** Ends a script at once. */
  kill(node: Node, run: Run): void {
    run.script.kill();
    node.runs.delete(run);
    this.#sleepers.delete(run);
  }

  switchOn(node: Node): void {
    if (node.on || node.dead) return;
    renewImage(this.world, node);
    node.start(this.world.now);
    this.world.note(node, 'on');
    this.world.stir('etcd');
    beginServices(this, node);
  }

  /** @param during the question that the power fails at */
  cutPower(node: Node, during: readonly string[] = []): void {
    if (!node.on) return;
    const what = during.slice(0, 12).join(' ').replaceAll(node.root, '');
    this.world.note(node, what === '' ? 'off' : `off during ${what}`);
    for (const run of node.runs) this.kill(node, run);
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
}
