/**
 * Names a process beyond doubt, for files that say who is at work: by number, start, boot and PID namespace, as numbers are
 * used again. Whoever asks "is its process alive" asks here. What only has to be exclusive takes `src/builder/system/mutex.ts`.
 */
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process: proc_pid_stat(5), field 22. */
  readonly started: string;
  /** /proc/sys/kernel/random/boot_id: random(4) */
  readonly boot: string;
  /** The number of the PID namespace in which `pid` counts: pid_namespaces(7). */
  readonly namespace: string;
}

/** `elsewhere` is a process of another container on this machine, of which nothing can be known. */
type Fate = 'running' | 'ended' | 'rebooted' | 'elsewhere';

export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  return { pid, started: startOf(pid) ?? '', boot: bootId(), namespace: pidNamespace() };
}

export function fateOf({ pid, started, boot, namespace }: ProcessIdentity): Fate {
  if (boot !== bootId()) return 'rebooted';
  if (namespace !== pidNamespace()) return 'elsewhere';
  return started === startOf(pid) ? 'running' : 'ended';
}

/** The identity as a part of a file's name. */
export function formatIdentity({ pid, started, boot, namespace }: ProcessIdentity): string {
  return [pid, started, namespace, boot].join('-');
}

/** Reads {@link formatIdentity} at the beginning of a text; undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [, pid, started, namespace, boot] =
    /^(\d+)-(\d*)-(\d*)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/.exec(text) ?? [];
  if (pid === undefined || started === undefined || namespace === undefined || boot === undefined) return undefined;
  return { pid: Number(pid), started, namespace, boot };
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

/** The link reads `pid:[4026531836]`. */
const pidNamespace = (): string => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
