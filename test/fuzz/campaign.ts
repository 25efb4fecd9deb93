/**
 * Plays many seeds on all processors. A process that takes too long for one seed is ended, and the seed counts as a
 * hang.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from './attempt.ts';
import { corpus, type Definition } from './definition.ts';
import { mutant } from './mutate.ts';
import { shrink } from './shrink.ts';
import type { Order } from './worker.ts';

/** Seconds of a processor for one command; there are five of them. */
const PATIENCE = 5 * 2;
const TSX = createRequire(import.meta.url).resolve('tsx');

type Outcome = Attempt & { readonly definition: readonly (readonly [string, string])[] };

export interface Failure {
  readonly seed: number;
  readonly failure: string;
  /** Shrunk. */
  readonly definition: Definition;
}

interface Result {
  readonly played: number;
  readonly accepted: readonly number[];
  readonly failures: readonly Failure[];
}

/** @param played called after each seed */
export async function campaign(
  first: number,
  count: number,
  processes: number,
  played: (seed: number) => void = () => undefined,
): Promise<Result> {
  const accepted: number[] = [];
  const failures: Failure[] = [];
  let next = first;
  const play = async (): Promise<void> => {
    const player = new Player();
    for (let seed = next++; seed < first + count; seed = next++) {
      const { isAccepted, failure, definition } = await player.play({ seed });
      if (isAccepted) accepted.push(seed);
      if (failure !== null) failures.push(await shrunk(player, seed, failure, definition));
      played(seed);
    }
    player.end();
  };
  await Promise.all(Array.from({ length: processes }, play));
  return {
    played: count,
    accepted: accepted.sort((a, b) => a - b),
    failures: failures.sort((a, b) => a.seed - b.seed),
  };
}

const kindOf = (failure: string): string => (failure.split('\n')[0] ?? '').replace(/\d+/g, '0').slice(0, 80);

async function shrunk(
  player: Player,
  seed: number,
  failure: string,
  definition: Outcome['definition'],
): Promise<Failure> {
  const failsAlike = async (smaller: Definition): Promise<boolean> => {
    const outcome = await player.play({ definition: [...smaller] });
    return outcome.failure !== null && kindOf(outcome.failure) === kindOf(failure);
  };
  const whole = definition.length > 0 ? new Map(definition) : mutant(seed, corpus());
  return { seed, failure, definition: await shrink(whole, failsAlike, failure === 'hang' ? 30 : 300) };
}

/** A process that plays one definition at a time, and is made anew when it hangs or dies. */
class Player {
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'coldstart-fuzz-'));
  #worker: ChildProcess | undefined;

  async play(order: Order): Promise<Outcome> {
    const worker = (this.#worker ??= await this.#start());
    const spent = processorTime(worker);
    const answer = new Promise<Outcome>((resolve) => {
      worker.removeAllListeners('message').on('message', resolve);
      worker.removeAllListeners('exit').on('exit', () => {
        resolve(failed('the process ends'));
      });
    });
    worker.send(order);
    const over = new AbortController();
    const outcome = await Promise.race([answer, whileWorking(worker, spent + PATIENCE, over.signal)]);
    over.abort();
    if (outcome !== null && worker.exitCode === null && worker.signalCode === null) return outcome;
    worker.kill('SIGKILL');
    this.#worker = undefined;
    return outcome ?? failed('hang');
  }

  end(): void {
    this.#worker?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<ChildProcess> {
    const worker = fork(join(import.meta.dirname, 'worker.ts'), [this.#folder], { execArgv: ['--import', TSX] });
    await once(worker, 'message');
    return worker;
  }
}

/** Returns null once a process has worked for so many seconds in all, or when nobody waits any more. */
async function whileWorking(worker: ChildProcess, until: number, signal: AbortSignal): Promise<null> {
  while (!signal.aborted && processorTime(worker) < until)
    await delay(500, undefined, { signal }).catch(() => undefined);
  return null;
}

const failed = (failure: string): Outcome => ({ isAccepted: false, failure, definition: [] });

/** Seconds that a process has worked, 0 once it has ended: proc_pid_stat(5), fields 14 and 15, of 100 ticks a second. */
function processorTime({ pid = 0 }: ChildProcess): number {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
