/** The labs that run on this machine: finds one, reads its state, acts on its machines, ends it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BuildError } from '../../builder/system/errors.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { clearDead, labsIn, readPlace, runFolder, runRoot, type LabNote } from '../../lab/supervisor/place.ts';
import { call, type Action, type LabStatus, type NodeStatus } from '../../lab/supervisor/protocol.ts';
import { UsageError } from '../usage.ts';

export const KUBECONFIG = 'kubeconfig';

type Environment = Readonly<Record<string, string | undefined>>;

interface RunningLab {
  readonly run: string;
  readonly note: LabNote;
}

/**
 * The lab of the given cluster, or the only one that runs.
 * @throws UsageError when there are several, BuildError exit 4 when there is none
 */
export async function findLab(cluster: string | undefined, env: Environment): Promise<RunningLab> {
  const root = runRoot(env);
  const names = cluster === undefined ? await labsIn(root) : [cluster];
  const places = await Promise.all(
    names.map(async (name) => ({ name, run: runFolder(root, name), place: await readPlace(runFolder(root, name)) })),
  );
  const running = places.flatMap(({ run, place }) => (place.state === 'running' ? [{ run, note: place.note }] : []));
  const [only] = running;
  if (only !== undefined && running.length === 1) return only;
  if (running.length > 1) {
    const found = running.map(({ note }) => note.cluster).join(', ');
    throw new UsageError(`Several labs are running: ${found}.`, 'choose one with --cluster');
  }
  throw noLab(cluster, places);
}

function noLab(
  cluster: string | undefined,
  places: readonly { readonly name: string; readonly place: Awaited<ReturnType<typeof readPlace>> }[],
): BuildError {
  const left = places.find(({ place }) => place.state === 'rebooted' || place.state === 'died');
  const name = left?.name ?? cluster;
  const ends = { rebooted: 'ended when this machine was rebooted', died: 'was killed' } as const;
  const state = left?.place.state;
  const message =
    state === 'rebooted' || state === 'died'
      ? `The lab of cluster \`${String(name)}\` ${ends[state]}; its disks are still there.`
      : `No lab${name === undefined ? '' : ` of cluster \`${name}\``} is running.`;
  return new BuildError(message, { exitCode: 4, hint: '`coldstart lab up` starts one' });
}

export interface LabState {
  readonly status: LabStatus;
  /** Path of a kubeconfig that works on this machine, absolute; null when there is none. */
  readonly kubeconfig: string | null;
}

/** @throws UsageError, BuildError */
export async function labState(cluster: string | undefined, env: Environment): Promise<LabState> {
  const { run } = await findLab(cluster, env);
  return stateOf(run);
}

/** @param run folder of the lab */
export async function stateOf(run: string): Promise<LabState> {
  const status = await call(run, { do: 'status' });
  const file = join(status.folder, KUBECONFIG);
  const kubeconfig = await stat(file).then(
    () => file,
    () => null,
  );
  return { status, kubeconfig };
}

/** Acts on one machine of a lab. @throws UsageError for a node that the lab does not have */
export async function inflict(
  action: Action,
  name: string,
  cluster: string | undefined,
  env: Environment,
): Promise<readonly NodeStatus[]> {
  const { run } = await findLab(cluster, env);
  const before = await call(run, { do: 'status' });
  const known = before.nodes.map((one) => one.name);
  const node = knownNode(name, known, before.cluster);
  const { nodes } = await call(run, { do: action, node });
  return nodes.filter((one) => one.name === node);
}

/** Returns the name. @throws UsageError for a name that no node of the lab has; its hint has the most similar name */
export function knownNode(name: string, known: readonly string[], cluster: string): string {
  if (known.includes(name)) return name;
  const near = suggest(name, known);
  const hint = near === undefined ? `its nodes are ${known.join(', ')}` : `did you mean \`${near}\`?`;
  throw new UsageError(`\`${name}\` is not a node of the lab of cluster \`${cluster}\`.`, hint);
}

/** Ends a lab. @throws UsageError, BuildError */
export async function endLab(cluster: string | undefined, env: Environment): Promise<LabNote> {
  const { run, note } = await findLab(cluster, env);
  await call(run, { do: 'down' });
  await untilGone(run);
  return note;
}

/** Milliseconds that the QEMUs may take to write their disks and end. */
const PATIENCE = 30_000;

/** Waits until the supervisor has ended and its folder is removed. @throws BuildError exit 5 when it does not end */
export async function untilGone(run: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const place = await readPlace(run);
    if (place.state === 'died') await clearDead(run, place.note.cluster);
    if (place.state === 'absent' || place.state === 'died') return;
    if (Date.now() > deadline) throw new BuildError('The lab does not end.', { exitCode: 5 });
    await delay(100);
  }
}
