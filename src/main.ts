/** The entry point: gives the command line the real world, and is the only place that ends the process. */
import { describeFailure } from './cli/failure.ts';
import { runCli } from './cli/program.ts';
import type { Output } from './cli/session.ts';

const controller = new AbortController();

function interrupt(): void {
  if (controller.signal.aborted) process.exit(130);
  process.stderr.write('\nStopping; once more to stop at once.\n');
  controller.abort(new Error('interrupted'));
}
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

// `coldstart diff | head` is no failure of anyone's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

function output(stream: NodeJS.WriteStream): Output {
  const write = (text: string): void => void stream.write(text);
  return { write, isTTY: stream.isTTY, columns: stream.isTTY ? stream.columns : 0 };
}

try {
  process.exitCode = await runCli(process.argv.slice(2), {
    cwd: process.cwd(),
    env: process.env,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    signal: controller.signal,
    clock: () => performance.now(),
  });
} catch (error) {
  const failure = describeFailure(error, controller.signal.aborted);
  process.stderr.write(failure.text);
  process.exitCode = failure.exitCode;
}
