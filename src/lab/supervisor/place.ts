/**
 * Where a lab is and whether it runs. Each user and cluster has one folder in the machine's run-time directory, so a second lab
 * of a cluster is detected from every working directory. The note in it identifies the supervisor's process.
 */
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { BuildError } from '../../builder/system/errors.ts';
import { holding } from '../../builder/system/mutex.ts';
import { fateOf, ownIdentity, type ProcessIdentity } from '../../process/identity.ts';

/** Names the supervisor's process and its lab. */
export interface LabNote extends ProcessIdentity {
  readonly schema: 1;
  readonly cluster: string;
  /** The lab's persistent files. */
  readonly folder: string;
}

type LabPlace =
  | { readonly state: 'absent' | 'starting' }
  | { readonly state: 'running'; readonly note: LabNote }
  /** The note is left over: the machine has rebooted since, or the supervisor died. */
  | { readonly state: 'rebooted' | 'died'; readonly note: LabNote };

const NOTE = 'lab.json';
const PREFIX = 'coldstart-lab-';
/** Milliseconds that a supervisor may take to write its note. */
const START_TIME = 60_000;

/** `$COLDSTART_RUN`, else the user's run-time directory, else /tmp. */
export function runRoot(env: Readonly<Record<string, string | undefined>>): string {
  const { uid } = userInfo();
  return env['COLDSTART_RUN'] ?? (existsSync(`/run/user/${uid}`) ? `/run/user/${uid}` : '/tmp');
}

export function runFolder(root: string, cluster: string): string {
  return join(root, `${PREFIX}${userInfo().uid}-${cluster}`);
}

/** The note of this process. */
export function ownNote(cluster: string, folder: string): LabNote {
  return { schema: 1, cluster, folder, ...ownIdentity() };
}

export async function writeNote(run: string, note: LabNote): Promise<void> {
  const staging = join(run, `.${NOTE}`);
  await writeFile(staging, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  await rename(staging, join(run, NOTE));
}

const STATES = { running: 'running', elsewhere: 'running', ended: 'died', rebooted: 'rebooted' } as const;

export async function readPlace(run: string): Promise<LabPlace> {
  const found = await lstat(run).catch(() => null);
  if (found === null) return { state: 'absent' };
  const text = await readFile(join(run, NOTE), 'utf8').catch(() => null);
  if (text === null) return { state: Date.now() - found.mtimeMs < START_TIME ? 'starting' : 'absent' };
  const note = JSON.parse(text) as LabNote;
  return { state: STATES[fateOf(note)], note };
}

/**
 * Creates the run-time folder for a new lab, and removes the files of a lab that has ended.
 * @throws BuildError exit 6 when a lab runs already, or when the folder belongs to another user
 */
export async function claim(run: string, cluster: string, retry = true): Promise<void> {
  try {
    await mkdir(run, { mode: 0o700 });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    await refuseOthers(run);
    await holdingPlace(run, cluster, () => takeOver(run, cluster)).catch((failure: unknown) => {
      if (!isCode(failure, 'ENOENT') || !retry) throw failure;
      return claim(run, cluster, false); // its lab has just ended
    });
  }
}

/** Removes the run-time folder of a lab that died, unless a new lab uses it. */
export async function clearDead(run: string, cluster: string): Promise<void> {
  await holdingPlace(run, cluster, async () => {
    const { state } = await readPlace(run);
    if (state === 'died') await rm(run, { recursive: true, force: true });
  }).catch((error: unknown) => {
    if (!isCode(error, 'ENOENT')) throw error;
  });
}

const holdingPlace = (run: string, cluster: string, work: () => Promise<void>): Promise<void> =>
  holding(run, () => Promise.resolve(labExists(cluster)), work);

/** Keeps the folder itself, because its lock must stay the same for everyone; its new time says that a lab is starting. */
async function takeOver(run: string, cluster: string): Promise<void> {
  const { state } = await readPlace(run);
  if (state === 'running' || state === 'starting') throw labExists(cluster);
  const now = new Date();
  await utimes(run, now, now);
  await Promise.all((await readdir(run)).map((name) => rm(join(run, name), { recursive: true, force: true })));
}

export function labExists(cluster: string): BuildError {
  return new BuildError(`A lab of cluster \`${cluster}\` is running already.`, {
    exitCode: 6,
    hint: '`coldstart lab status` shows it, `coldstart lab down` ends it',
  });
}

/** In /tmp another user may have created a folder with this name. */
async function refuseOthers(run: string): Promise<void> {
  const found = await lstat(run);
  if (found.isDirectory() && found.uid === userInfo().uid) return;
  throw new BuildError(`\`${run}\` belongs to another user or is not a folder.`, {
    exitCode: 6,
    hint: 'set COLDSTART_RUN to a folder that belongs to you',
  });
}

/** Names of the clusters for which this user has a run-time folder, sorted. */
export async function labsIn(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  const own = `${PREFIX}${userInfo().uid}-`;
  return names.flatMap((name) => (name.startsWith(own) ? [name.slice(own.length)] : [])).sort();
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
