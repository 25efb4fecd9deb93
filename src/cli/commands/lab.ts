/** `coldstart lab`: checks the arguments of each action, and writes its result. */
import { DEFAULT_EPOCH } from '../../builder/step-context.ts';
import { exitClass } from '../../diagnostics/codes.ts';
import { usualProcessors, type Firmware } from '../../lab/qemu/firmware.ts';
import { runRoot } from '../../lab/supervisor/place.ts';
import type { Action, NodeStatus } from '../../lab/supervisor/protocol.ts';
import { supervise } from '../../lab/supervisor/supervisor.ts';
import { endLab, inflict, labState, type LabState } from '../../usecases/lab/running.ts';
import { startLab } from '../../usecases/lab/up.ts';
import { UsageError } from '../../usecases/usage.ts';
import { artifactFolder } from '../options/artifact-folder.ts';
import type { BuildOptions } from './build.ts';
import { parseDuration } from '../options/duration.ts';
import { epochFrom } from '../options/epoch.ts';
import { hostOf } from '../host.ts';
import type { LabAction } from '../lab/actions.ts';
import { labConsole } from '../lab/console.ts';
import { statusText, tableText } from '../lab/text.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

/** The option of all actions on a running lab. */
interface LabOptions extends CommonOptions {
  readonly cluster?: string;
}

interface UpOptions extends Pick<BuildOptions, 'node' | 'out' | 'artifacts' | 'identity'> {
  readonly state?: string;
  readonly for: string;
  readonly timeout: string;
  /** MiB. */
  readonly memory: number;
  /** The default depends on the machine: `usualProcessors`. */
  readonly cpus?: number;
  readonly firmware: Firmware;
  readonly internet?: true;
  /** False with `--no-wait`. */
  readonly wait: boolean;
}

export type LabCommandOptions = LabOptions & UpOptions;

/** @throws UsageError for too many or too few arguments */
export async function lab(
  action: LabAction,
  words: readonly string[],
  options: LabCommandOptions,
  session: Session,
): Promise<number> {
  const [word] = words;
  switch (action) {
    case 'up':
      return up(noneOrOne(action, words), options, session);
    case 'status':
      none(action, words);
      writeState(await labState(options.cluster, session.env), options, session);
      return 0;
    case 'down':
      none(action, words);
      return down(options, session);
    case 'console':
      return labConsole(one(action, words), options.cluster, session);
    case 'supervise':
      await supervise(word ?? '', session.signal);
      return 0;
    default:
      return fault(action, one(action, words), options, session);
  }
}

/** Returns 0 when every node has reached its final state, else 5; the lab runs on in both cases. */
async function up(config: string | undefined, options: LabCommandOptions, session: Session): Promise<number> {
  const { node: nodes, out, state, memory, cpus = usualProcessors(), firmware, internet = false } = options;
  const [limit, timeout] = [parseDuration(options.for, '--for'), parseDuration(options.timeout, '--timeout')];
  const request = {
    ...{ config, nodes, out, state, memory, cpus, firmware, internet, limit, patience: options.wait ? timeout : null },
    runRoot: runRoot(session.env),
    artifacts: artifactFolder(options.artifacts, session),
    epoch: epochFrom(session.env['SOURCE_DATE_EPOCH'], DEFAULT_EPOCH),
  };
  // `--json` is for the lab's state; the messages of the build are progress.
  const { json: _, ...building } = options;
  const { value, diagnostics } = await startLab(request, hostOf(building, session));
  if (value === undefined) return exitClass(diagnostics);
  writeState(value, options, session);
  return value.settled ? 0 : 5;
}

async function down(options: LabOptions, session: Session): Promise<number> {
  const { cluster, folder } = await endLab(options.cluster, session.env);
  if (options.json) writeJson(session, { type: 'down', cluster, folder });
  else session.stdout.write(`The lab of cluster ${cluster} is down; its disks and logs stay in ${folder}\n`);
  return 0;
}

async function fault(action: Action, name: string, options: LabOptions, session: Session): Promise<number> {
  const after: readonly NodeStatus[] = await inflict(action, name, options.cluster, session.env);
  if (options.json) after.forEach((node) => writeJson(session, { type: 'machine', ...node }));
  else session.stdout.write(tableText(after));
  return 0;
}

function writeState({ status, kubeconfig }: LabState, options: LabOptions, session: Session): void {
  if (!options.json) {
    session.stdout.write(statusText(status, kubeconfig, Date.now()));
    return;
  }
  const { nodes, ...lab } = status;
  nodes.forEach((node) => writeJson(session, { type: 'machine', ...node }));
  writeJson(session, { type: 'lab', ...lab, kubeconfig });
}

function none(action: string, words: readonly string[]): void {
  if (words.length > 0) throw new UsageError(`\`lab ${action}\` takes no arguments.`, 'choose a lab with --cluster');
}

function noneOrOne(action: string, words: readonly string[]): string | undefined {
  if (words.length > 1) throw new UsageError(`\`lab ${action}\` takes at most one argument, the configuration.`);
  return words[0];
}

function one(action: string, words: readonly string[]): string {
  const [word] = words;
  if (word === undefined || words.length > 1) {
    throw new UsageError(`\`lab ${action}\` takes the name of one node.`, `coldstart lab ${action} NODE`);
  }
  return word;
}
