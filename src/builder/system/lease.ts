/**
 * Lets builds that share a cache do each piece of work once, on one machine or on many. A lease is a file that open(2) creates
 * exclusively, which network file systems do atomically, too. Locks of the kernel do not reach all machines, and process ids
 * mean nothing in another container. So the holder changes the time of its lease every few seconds, and whoever waits watches,
 * by its own clock, whether the time still changes. A holder on the same machine and in the same PID namespace is looked up.
 *
 * A lease saves work and protects nothing: if a holder is given up that only slept, two builds do the same work, and each does
 * it in a folder of its own.
 */
import { open, readFile, stat, unlink, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fateOf, formatIdentity, ownIdentity, parseIdentity } from '../../process/identity.ts';

/** Milliseconds. */
interface Pace {
  /** Between two changes of a lease. */
  readonly beat: number;
  /** Without a change, after which a lease is given up; longer than network file systems keep attributes. */
  readonly patience: number;
}

export const PACE: Pace = { beat: 5_000, patience: 90_000 };

interface Lease {
  readonly release: () => Promise<void>;
}

/** Takes a lease; null when another build holds it. @param onBeat called whenever the lease is renewed */
export async function takeLease(path: string, pace: Pace, onBeat: () => Promise<void>): Promise<Lease | null> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  });
  if (file === null) return null;
  await file.writeFile(`${formatIdentity(ownIdentity())} ${hostname()}\n`).catch(async (error: unknown) => {
    await Promise.all([file.close(), giveUp(path)]);
    throw error;
  });
  const beating = setInterval(() => void beat(file, onBeat), pace.beat).unref();
  return {
    release: async () => {
      clearInterval(beating);
      if (await isStill(path, file)) await giveUp(path);
      await file.close();
    },
  };
}

async function beat(file: FileHandle, onBeat: () => Promise<void>): Promise<void> {
  const now = new Date();
  // A lease that was given up may be gone; its work goes on.
  await Promise.all([file.utimes(now, now), onBeat()]).catch(() => undefined);
}

/** Whether the path still leads to the file, and not to the lease of a build that gave this one up. */
async function isStill(path: string, file: FileHandle): Promise<boolean> {
  const [there, mine] = await Promise.all([stat(path).catch(() => null), file.stat().catch(() => null)]);
  return there !== null && there.ino === mine?.ino;
}

/**
 * Waits until a lease is gone, or removes it, because its holder has ended or did not renew it.
 * @param onWait receives the holder's name, once
 * @throws the signal's reason
 */
export async function awaitLease(
  path: string,
  pace: Pace,
  signal: AbortSignal | undefined,
  onWait: (holder: string) => void,
): Promise<void> {
  let seen = { state: '', at: 0 };
  let isSaid = false;
  for (let isFirst = true; ; isFirst = false) {
    const found = await look(path);
    if (found === null) return;
    if (found.hasEnded) return giveUp(path);
    // A holder names itself a moment after it has made the file.
    if (!isSaid && !(isFirst && found.isNameless)) {
      isSaid = true;
      onWait(found.holder);
    }
    const now = performance.now();
    if (found.state !== seen.state) seen = { state: found.state, at: now };
    else if (now - seen.at > pace.patience) return giveUp(path);
    await delay(pace.beat / 5, undefined, { signal }).catch(() => undefined);
    signal?.throwIfAborted();
  }
}

async function giveUp(path: string): Promise<void> {
  await unlink(path).catch(() => undefined); // another build may have removed it
}

interface Look {
  /** For people. */
  readonly holder: string;
  readonly isNameless: boolean;
  readonly hasEnded: boolean;
  /** Changes with each beat. */
  readonly state: string;
}

/** Reads the file first, because network file systems ask the server for the attributes of a file when it is opened. */
async function look(path: string): Promise<Look | null> {
  const text = await readFile(path, 'utf8').catch(() => ''); // another user's lease may be unreadable
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const identity = parseIdentity(text);
  const [, host = ''] = text.trim().split(' ');
  return {
    holder: identity === undefined ? 'an unknown process' : `process ${String(identity.pid)} on ${host}`,
    isNameless: identity === undefined,
    hasEnded: identity !== undefined && fateOf(identity) === 'ended',
    state: `${String(found.ino)} ${String(found.mtimeMs)}`,
  };
}
