/** `coldstart update`. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { DEFAULT_EPOCH } from '../../builder/step-context.ts';
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import type { Plan } from '../../usecases/rollout/plan.ts';
import { update as updateCluster, type Listener, type Update } from '../../usecases/rollout/update.ts';
import { UsageError } from '../../usecases/usage.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { artifactFolder } from '../options/artifact-folder.ts';
import { parseDuration } from '../options/duration.ts';
import { epochFrom } from '../options/epoch.ts';
import { NOT_WELL } from '../options/exit-codes.ts';
import { sshChoices, type SshOptions } from '../options/ssh.ts';
import { endText, outcomeText, phaseText, planText } from '../rollout/update-text.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface UpdateOptions extends IdentityOptions, SshOptions {
  readonly node?: readonly string[];
  readonly out?: string;
  readonly artifacts?: string;
  readonly locked?: true;
  readonly jobs: number;
  readonly parallel: number;
  readonly yes?: true;
  readonly force?: true;
  readonly dryRun?: true;
  /** False with `--no-build`. */
  readonly build: boolean;
  /** False with `--no-drain`. */
  readonly drain: boolean;
  readonly drainTimeout: string;
}

type Options = CommonOptions & UpdateOptions;

export async function update(config: string | undefined, options: Options, session: Session): Promise<number> {
  const asks = options.yes !== true && options.dryRun !== true;
  if (asks && !(session.stderr.isTTY && process.stdin.isTTY)) {
    throw new UsageError(
      '`update` asks before it changes anything, and there is no terminal.',
      'add --yes, or --dry-run to see the plan',
    );
  }
  const request = {
    ...{ config, nodes: options.node, out: options.out, jobs: options.jobs, locked: options.locked === true },
    artifacts: artifactFolder(options.artifacts, session),
    epoch: epochFrom(session.env['SOURCE_DATE_EPOCH'], DEFAULT_EPOCH),
    ...{ ssh: sshChoices(options, session), parallel: options.parallel, drains: options.drain },
    drainLimit: parseDuration(options.drainTimeout, '--drain-timeout'),
    ...{ force: options.force === true, dryRun: options.dryRun === true },
    builds: options.build && options.dryRun !== true,
    holder: holder(),
  };
  const { value, diagnostics } = await updateCluster(
    request,
    listenerOf(options, session, asks),
    hostOf(options, session),
  );
  if (value === undefined) return exitClass(diagnostics);
  writeEnd(value, options, session);
  return exitCodeOf(value, session);
}

/** A user id may have no name, as in a container. */
function holder(): string {
  const name = ((): string => {
    try {
      return userInfo().username;
    } catch {
      return String(process.getuid?.() ?? 'somebody');
    }
  })();
  return `${`${name}@${hostname()}`.replaceAll(/[^\w.@-]/g, '_').slice(0, 100)}/${randomBytes(4).toString('hex')}`;
}

function listenerOf(options: Options, session: Session, asks: boolean): Listener {
  const began = session.clock();
  const seconds = (): number => (session.clock() - began) / 1000;
  return {
    agree: async (plan) => {
      writePlan(plan, options, session);
      if (plan.changes.length === 0 || plan.refusals.length > 0 || !asks) return true;
      return ask(`Update ${quantity(plan.changes.length, 'node')}? [y/N] `, session.signal);
    },
    tell: (node, phase) => {
      if (options.json) writeJson(session, { type: 'phase', node, phase });
      else if (options.log !== 'silent') session.stderr.write(phaseText(node, phase, seconds()));
    },
    ended: (outcome) => {
      if (options.json) writeJson(session, { type: 'outcome', ...outcome });
      else if (options.log !== 'silent') session.stderr.write(outcomeText(outcome, seconds()));
    },
  };
}

function writePlan(plan: Plan, options: Options, session: Session): void {
  if (options.json) writeJson(session, { type: 'rollout', ...plan });
  else session.stdout.write(planText(plan, options.parallel));
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal })).trim());
  } finally {
    terminal.close();
  }
}

function writeEnd({ cluster, rollout, plan }: Update, options: Options, session: Session): void {
  const interrupted = session.signal.aborted;
  if (options.json) {
    writeJson(session, { type: 'update', cluster, done: rollout !== null, left: rollout?.left ?? [], interrupted });
    return;
  }
  if (rollout === null) {
    session.stdout.write('Nothing was changed.\n');
    return;
  }
  if (plan.changes.length > 0 || rollout.refusal !== null) session.stdout.write(endText(rollout, interrupted));
}

/** Not well: a node does not run what the definition wants, although the command should have seen to it. */
function exitCodeOf({ plan, rollout }: Update, session: Session): number {
  if (session.signal.aborted) return 130;
  if (plan.refusals.length > 0 || plan.impossible.length > 0) return NOT_WELL;
  if (rollout === null) return 0;
  const stopped = rollout.refusal !== null || rollout.outcomes.some(({ state }) => state !== 'done');
  return stopped || rollout.left.length > 0 ? NOT_WELL : 0;
}
