/** What the options of `coldstart lab` mean: durations, sizes, names of nodes. */
import { suggest } from '../diagnostics/suggest.ts';
import { BuildError } from '../builder/errors.ts';
import { labsIn, readPlace, runFolder, runRoot, type LabNote } from '../lab/place.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** Seconds; timers of Node hold no more than 24 days. */
const LONGEST = 14 * 86_400;

/** Seconds of e.g. `90s`, `30m`, `2h`. @throws UsageError for anything else, and beyond two weeks */
export function parseDuration(text: string, option: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? 0);
  if (seconds > 0 && seconds <= LONGEST) return seconds;
  throw new UsageError(`\`${text}\` is no duration for ${option}.`, 'e.g. 90s, 30m, 2h; at most 14d');
}

/** The name as it is. @throws UsageError with the nearest one for a name that no node of the lab has */
export function knownNode(name: string, known: readonly string[], cluster: string): string {
  if (known.includes(name)) return name;
  const near = suggest(name, known);
  const hint = near === undefined ? `its nodes are ${known.join(', ')}` : `did you mean \`${near}\`?`;
  throw new UsageError(`\`${name}\` is no node of the lab of cluster \`${cluster}\`.`, hint);
}

export interface RunningLab {
  readonly run: string;
  readonly note: LabNote;
}

/**
 * The lab that a command is for: the cluster's, or the only one that runs.
 * @throws UsageError when there are several, BuildError exit 4 when there is none
 */
export async function findLab(cluster: string | undefined, session: Session): Promise<RunningLab> {
  const root = runRoot(session.env);
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
  return new BuildError(message, { exitCode: 4, hint: 'start one with `coldstart lab up`' });
}
