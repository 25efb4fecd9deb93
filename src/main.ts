/** The entry point: gives the command line the real streams and environment. Only this file ends the process. */
import { describeFailure } from './cli/failure.ts';
import { asJsonLines, wantsJsonLog } from './cli/streams/json-log.ts';
import { runCli } from './cli/program.ts';
import type { Output } from './cli/session.ts';

const controller = new AbortController();
const argv = process.argv.slice(2);
const isJson = wantsJsonLog(argv);
const stderr = isJson ? asJsonLines(output(process.stderr)) : output(process.stderr);

/**
 * Milliseconds after an interruption to end the running programs (they are killed after five seconds) and to remove unfinished
 * files. If this is too short, no file with its final name is incomplete, because files get their names last.
 */
const GRACE = 10_000;

function interrupt(): void {
  if (controller.signal.aborted) endAtOnce();
  stderr.write('\nStopping; interrupt again to stop at once.\n');
  setTimeout(endAtOnce, GRACE).unref();
  controller.abort(new Error('interrupted'));
}
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

/**
 * `process.exit` waits for Node's threads, and a thread may hang in a system call forever, e.g. on a network file system whose
 * server is down. The signal does not wait. Only process 1 of a container ignores it; `process.exit` is for that case.
 */
function endAtOnce(): never {
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
  return process.exit(130);
}

// `coldstart diff | head` is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
// If stderr is closed, the error cannot be reported.
process.stderr.on('error', () => undefined);

process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

if (isJson) {
  // Node writes its warnings as plain text.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => stderr.write(`${name}: ${message.replaceAll('\n', ' ')}\n`));
}

function output(stream: NodeJS.WriteStream): Output {
  const write = (text: string): void => void stream.write(text);
  return { write, isTTY: stream.isTTY, columns: stream.isTTY ? stream.columns : 0 };
}

function fail(error: unknown): void {
  const { exitCode, text, json } = describeFailure(error, controller.signal.aborted);
  stderr.write(isJson ? json : text);
  process.exitCode = exitCode;
}

try {
  process.exitCode = await runCli(argv, {
    cwd: process.cwd(),
    env: process.env,
    // Opened only by commands that ask.
    get stdin() {
      return process.stdin;
    },
    stdout: output(process.stdout),
    stderr,
    signal: controller.signal,
    clock: () => performance.now(),
    now: new Date(),
  });
} catch (error) {
  fail(error);
}
