/** The lease that keeps rollouts apart, as one of them has it: `update/lease.sh` on a node does the work. */
import type { Lease, Refusal } from './access.ts';
import type { Answer } from './ssh/ssh.ts';

/** Seconds. It lasts long enough for a few renewals that fail. */
const LASTS = 120;
const RENEWAL = 30;
/** A lease that was renewed so recently is not asked for again. */
const FRESH = 10;
/** Exit codes: another holder has it; the node's image knows no leases. */
const TAKEN = 3;
const UNKNOWN_VERB = 64;

interface LeaseRequest {
  readonly holder: string;
  /** Whether a lease that nobody can be asked for is done without. */
  readonly force: boolean;
  /** Calls `cluster-rollout.sh`. @param cleaning runs also after an interruption */
  readonly ask: (words: readonly string[], cleaning: boolean) => Promise<Answer>;
  /** Seconds since any time. */
  readonly now: () => number;
}

export class RolloutLease {
  readonly #request: LeaseRequest;
  #renewal: NodeJS.Timeout | undefined;
  #renewed = Number.NEGATIVE_INFINITY;
  /** The question that is under way. */
  #asking: Promise<Lease> | undefined;

  constructor(request: LeaseRequest) {
    this.#request = request;
  }

  /** Takes it, or makes sure that it is still held; from then on it is renewed. */
  async lock(): Promise<Lease> {
    if (this.#request.now() - this.#renewed < FRESH) return { state: 'held' };
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async unlock(): Promise<void> {
    clearInterval(this.#renewal);
    // Otherwise it might take the lease again.
    await this.#asking;
    await this.#request.ask(['unlock', this.#request.holder], true);
  }

  async #ask(): Promise<Lease> {
    const { holder, force, ask, now } = this.#request;
    const began = now();
    const answer = await ask(['lock', holder, String(LASTS)], false);
    const refusal = refusalOf(answer);
    const exitCode = answer.problem === null ? answer.exitCode : null;
    this.#renewed = refusal === null ? began : Number.NEGATIVE_INFINITY;
    if (refusal !== null && exitCode === TAKEN) return { state: 'taken', reason: refusal };
    if (refusal !== null && exitCode !== UNKNOWN_VERB && !force)
      return { state: 'unknown', reason: `the lease of rollouts: ${refusal}` };
    // While a long call runs. What fails there, `lock` says before the next step.
    this.#renewal ??= setInterval(() => void this.lock().catch(() => undefined), RENEWAL * 1000).unref();
    return { state: 'held' };
  }
}

/** Null if the command ended well. */
export function refusalOf(answer: Answer): Refusal {
  if (answer.problem !== null) return answer.problem.message;
  if (answer.exitCode === 0) return null;
  const said = [...answer.stdout.split('\n'), ...answer.lines].filter((line) => line.trim() !== '');
  return said.at(-1) ?? `exit code ${answer.exitCode}`;
}
