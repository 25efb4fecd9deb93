/**
 * Where a lab is and whether it runs: one folder per user and cluster in the machine's own run-time place, so that a second
 * lab of a cluster is noticed wherever it is called from. The note in it names the supervisor beyond doubt: by process,
 * its start and the boot of this machine.
 */
import { existsSync, readFileSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { BuildError } from '../builder/errors.ts';

export interface LabNote {
  readonly schema: 1;
  readonly cluster: string;
  /** What persists of the lab. */
  readonly folder: string;
  readonly pid: number;
  /** Clock ticks from boot to the supervisor's start: proc_pid_stat(5), field 22. */
  readonly started: string;
  /** /proc/sys/kernel/random/boot_id */
  readonly boot: string;
}

export type LabPlace =
  | { readonly state: 'absent' | 'starting' }
  | { readonly state: 'running'; readonly note: LabNote }
  /** The note is left over: the machine was rebooted since, or the supervisor died. */
  | { readonly state: 'rebooted' | 'died'; readonly note: LabNote };

const NOTE = 'lab.json';
const PREFIX = 'coldstart-lab-';
/** Milliseconds that a supervisor may take to write its note. */
const START_TIME = 60_000;

/** `$COLDSTART_RUN`, else the user's own run-time folder, else /tmp with the user's number. */
export function runRoot(env: Readonly<Record<string, string | undefined>>): string {
  const { uid } = userInfo();
  return env['COLDSTART_RUN'] ?? (existsSync(`/run/user/${uid}`) ? `/run/user/${uid}` : '/tmp');
}

export function runFolder(root: string, cluster: string): string {
  return join(root, `${PREFIX}${userInfo().uid}-${cluster}`);
}

/** The note of this process. */
export function ownNote(cluster: string, folder: string): LabNote {
  const { pid } = process;
  return { schema: 1, cluster, folder, pid, started: startOf(pid) ?? '', boot: bootId() };
}

export async function writeNote(run: string, note: LabNote): Promise<void> {
  const staging = join(run, `.${NOTE}`);
  await writeFile(staging, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  await rename(staging, join(run, NOTE));
}

export async function readPlace(run: string): Promise<LabPlace> {
  const found = await lstat(run).catch(() => null);
  if (found === null) return { state: 'absent' };
  const text = await readFile(join(run, NOTE), 'utf8').catch(() => null);
  if (text === null) return { state: Date.now() - found.mtimeMs < START_TIME ? 'starting' : 'absent' };
  const note = JSON.parse(text) as LabNote;
  if (note.boot !== bootId()) return { state: 'rebooted', note };
  return { state: startOf(note.pid) === note.started ? 'running' : 'died', note };
}

/**
 * Makes the run-time folder for a new lab; what a lab that is no more has left there is cleared away.
 * @throws BuildError exit 6 when there is a lab already, or somebody else's folder
 */
export async function claim(run: string, cluster: string, retry = true): Promise<void> {
  try {
    await mkdir(run, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await refuseOthers(run);
    const { state } = await readPlace(run);
    if (state === 'running' || state === 'starting' || !retry) throw labExists(cluster);
    await rm(run, { recursive: true, force: true });
    await claim(run, cluster, false);
  }
}

export function labExists(cluster: string): BuildError {
  return new BuildError(`A lab of cluster \`${cluster}\` is running already.`, {
    exitCode: 6,
    hint: 'see it with `coldstart lab status`, end it with `coldstart lab down`',
  });
}

/** In /tmp anyone could have made a folder by this name. */
async function refuseOthers(run: string): Promise<void> {
  const found = await lstat(run);
  if (found.isDirectory() && found.uid === userInfo().uid) return;
  throw new BuildError(`\`${run}\` is not a folder of yours.`, {
    exitCode: 6,
    hint: 'set COLDSTART_RUN to one that is',
  });
}

/** Clusters that have a run-time folder of this user, in order. */
export async function labsIn(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  const own = `${PREFIX}${userInfo().uid}-`;
  return names.flatMap((name) => (name.startsWith(own) ? [name.slice(own.length)] : [])).sort();
}

/** Null when there is no such process; a process that has ended but was not waited for counts as none. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
