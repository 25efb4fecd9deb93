/**
 * Identifies a process uniquely, for files that name the process that uses them: by PID, start time, boot and PID namespace,
 * because PIDs are reused. Also tells whether the process still runs. For locks, use `src/builder/system/mutex.ts`.
 */
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process: proc_pid_stat(5), field 22. */
  readonly started: string;
  /** /proc/sys/kernel/random/boot_id: random(4) */
  readonly boot: string;
  /** The number of the PID namespace of `pid`: pid_namespaces(7). */
  readonly namespace: string;
}

/** `elsewhere` is a process of another container on this machine; its state is unknown. */
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

/** The identity as part of a file name. */
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

/** The start time; null when there is no such process, or when it is a zombie. */
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
