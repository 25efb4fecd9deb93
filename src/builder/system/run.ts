/**
 * The only place that starts programs. Arguments are arrays, the environment is fixed, output is streamed line by line, and
 * an interrupted build ends the program's whole process group.
 */
import { execa } from 'execa';
import { Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { finished, pipeline } from 'node:stream/promises';
import { BuildError } from './errors.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Purpose of the program, for errors: completes "… failed to". */
  readonly reason: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Invocation extends Program {
  readonly stdin?: Readable | Uint8Array;
  /** Receives standard output; otherwise it is returned as text (at most 32 MiB). */
  readonly stdout?: Writable;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** Receives each line of standard error at once. */
  readonly onLine?: ((line: string) => void) | undefined;
}

const KEPT_LINES = 20;
const KILL_AFTER_MS = 5_000;

/** Variables that programs inherit: paths of programs, homes, temporary files, proxies and certificates. */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
];

function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`; // mkfs.vfat is in /usr/sbin, which only root's PATH contains
  return { ...Object.fromEntries(inherited), PATH: path, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...extra };
}

/** How a program ended. */
interface Ending extends Ended {
  readonly failed: boolean;
  /** Empty if a stream received it. */
  readonly stdout: string;
  /** The last lines of standard error. */
  readonly lines: readonly string[];
}

/**
 * Runs a program to its end and returns its standard output.
 * @throws BuildError exit 4 when the program is missing, 5 when it fails; the signal's reason when aborted.
 */
export async function run(invocation: Invocation): Promise<string> {
  const ending = await attempt(invocation);
  if (ending.failed) throw toolError(invocation, ending, ending.lines);
  return ending.stdout;
}

/**
 * The same for a program that may fail: tells how it ended.
 * @throws the signal's reason when aborted; what the source of standard input throws
 */
export async function attempt(invocation: Invocation): Promise<Ending> {
  const { command, args, signal } = invocation;
  signal?.throwIfAborted();
  const child = execa(command, args, {
    extendEnv: false,
    env: environment(invocation.env ?? {}),
    ...(invocation.cwd === undefined ? {} : { cwd: invocation.cwd }),
    stdin: invocation.stdin === undefined ? 'ignore' : 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: invocation.stdout === undefined, stderr: false },
    maxBuffer: { stdout: 32 << 20 },
    stripFinalNewline: false,
    reject: false,
    detached: true, // its own process group, so that children of mmdebstrap and QEMU end with it
    cleanup: false,
  });
  const lastLines = collectLines(child.stderr, invocation.onLine);
  const feeding = feed(invocation, child);
  const stop = (): void => {
    // A connection that ssh shares, or a program that outlives the group, keeps the outputs open; a source may have no end.
    // Without an error, as `readline` would emit that of its input again, where nobody listens.
    const { stdin, stdout } = invocation;
    const streams = [...(stdin instanceof Readable ? [stdin] : []), ...(stdout === undefined ? [] : [stdout])];
    child.once('exit', () => [...streams, child.stdout, child.stderr].forEach((stream) => stream.destroy()));
    void endGroup(child.pid);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await child;
    const fed = await feeding;
    signal?.throwIfAborted();
    if (!result.failed && fed !== undefined) throw fed;
    const { failed, exitCode, signal: ended, code } = result;
    const stdout = typeof result.stdout === 'string' ? result.stdout : '';
    return { failed, exitCode, signal: ended, code, stdout, lines: await lastLines };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Moves data in and out. Resolves to the first stream error instead of throwing, because the program's own exit says more. */
async function feed(
  invocation: Invocation,
  child: { stdin: Writable | null; stdout: Readable | null },
): Promise<Error | undefined> {
  const flows: Promise<void>[] = [];
  if (invocation.stdin !== undefined && child.stdin !== null) flows.push(pour(invocation.stdin, child.stdin));
  if (invocation.stdout !== undefined && child.stdout !== null) {
    invocation.stdout.on('error', () => undefined); // pipeline() rejects with it
    flows.push(pipeline(child.stdout, invocation.stdout));
  }
  const outcomes = await Promise.allSettled(flows);
  return outcomes.find((outcome) => outcome.status === 'rejected')?.reason as Error | undefined;
}

/**
 * Feeds a program that may stop reading early, as readers of tar do at the end-of-archive mark. The rest is read and dropped,
 * so that the source can finish. Rejects only when the source itself fails.
 */
async function pour(source: Readable | Uint8Array, stdin: Writable): Promise<void> {
  const readable = source instanceof Uint8Array ? Readable.from([source]) : source;
  const drain = (): void => void readable.unpipe(stdin).resume();
  stdin.on('error', drain).on('close', drain);
  readable.pipe(stdin);
  try {
    await finished(readable, { writable: false });
  } catch (error) {
    stdin.destroy();
    throw error;
  }
}

async function collectLines(stream: Readable | null, onLine?: (line: string) => void): Promise<string[]> {
  const last: string[] = [];
  let rest = '';
  if (stream === null) return last;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n|\r/);
    rest = lines.pop() ?? '';
    lines.forEach(keep);
  });
  await finished(stream, { cleanup: true }).catch(() => undefined); // a killed program closes its output early
  keep(rest);
  return last;

  function keep(line: string): void {
    if (line.trim() === '') return;
    onLine?.(line);
    last.push(line);
    if (last.length > KEPT_LINES) last.shift();
  }
}

type Ended = {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
};

export function toolError({ command, reason }: Program, result: Ended, lines: readonly string[]): BuildError {
  if (result.code === 'ENOENT') {
    return new BuildError(`Could not find \`${command}\`, which is needed to ${reason}.`, { exitCode: 4 });
  }
  const how = result.signal === undefined ? `exit code ${String(result.exitCode)}` : `signal ${result.signal}`;
  const said = lines.length === 0 ? '' : `\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new BuildError(`\`${command}\` failed to ${reason} (${how}).${said}`, { exitCode: 5 });
}

async function endGroup(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  await delay(KILL_AFTER_MS, undefined, { ref: false });
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // The group has ended already.
  }
}
