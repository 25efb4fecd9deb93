/** The entry point: gives the command line the real world, and is the only place that ends the process. */
import { describeFailure } from './cli/failure.ts';
import { asJsonLines, wantsJsonLog } from './cli/streams/json-log.ts';
import { runCli } from './cli/program.ts';
import type { Output } from './cli/session.ts';

const controller = new AbortController();
const argv = process.argv.slice(2);
const isJson = wantsJsonLog(argv);
const stderr = isJson ? asJsonLines(output(process.stderr)) : output(process.stderr);

/**
 * How long what was interrupted may take, in milliseconds: to end the programs that it runs (they are killed five seconds
 * after they were asked to end) and to remove what is not finished. Finished files get their names last, so nothing that has
 * its name is half-written even where this is too short.
 */
const GRACE = 10_000;

function interrupt(): void {
  if (controller.signal.aborted) endAtOnce();
  stderr.write('\nStopping; once more to stop at once.\n');
  setTimeout(endAtOnce, GRACE).unref();
  controller.abort(new Error('interrupted'));
}
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

/**
 * `process.exit` waits for Node's threads, of which one may hang in a call to the kernel that never returns, as on a network
 * file system that went away. The signal itself does not wait; only the first process of a container ignores it.
 */
function endAtOnce(): never {
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
  return process.exit(130);
}

// `coldstart diff | head` is no failure of anyone's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
// Whoever does not listen to complaints cannot be told that either.
process.stderr.on('error', () => undefined);

process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

if (isJson) {
  // Node's own warnings are text.
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
    stdout: output(process.stdout),
    stderr,
    signal: controller.signal,
    clock: () => performance.now(),
  });
} catch (error) {
  fail(error);
}
