/** The command line's lab for tests: in the folder of a test, with sockets of its own. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { runFolder } from '../../src/lab/supervisor/place.ts';
import { nodeSocket } from '../../src/lab/supervisor/protocol.ts';
import { LOGS } from '../boot/environment.ts';
import { watch, type Machine } from '../boot/machine.ts';

/** crypt(5) of `console`. */
const PASSWORD_HASH =
  '$6$coldstart$8GpEkQsJYYUKlPZNVzSOS2ZR8mkUcujsli9Ihpil14uFUGBBW7IxfYZXEckDvDmWLprPuvqAHLxNofRLIiKrO/';
/** Somebody who may log in at the console and become root. */
export const TESTER = { name: 'tester', sudo: true, password_hash: PASSWORD_HASH };

export type Console = Pick<Machine, 'console' | 'waitFor' | 'type'>;

/** Runs `coldstart lab …` as {@link runProgram} does. */
export const runLab = (folder: string, ...words: readonly string[]) => runProgram(folder, 'lab', ...words);

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `coldstart …` in a folder, with the user's cache. */
export async function coldstart(folder: string, ...argv: readonly string[]): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const exitCode = await runCli(argv, {
    cwd: folder,
    env: { ...process.env, COLDSTART_RUN: join(folder, 'run') },
    stdout: { write: (text) => void (stdout += text), isTTY: false, columns: 0 },
    stderr: { write: (text) => void (stderr += text), isTTY: false, columns: 0 },
    signal: new AbortController().signal,
    clock: () => performance.now(),
    now: new Date(),
  });
  return { exitCode, stdout, stderr };
}

/** Runs `coldstart …` in a folder and returns the objects that it printed; fails where it does. */
export async function runProgram(
  folder: string,
  command: string,
  ...words: readonly string[]
): Promise<readonly Record<string, unknown>[]> {
  const { exitCode, stdout, stderr } = await coldstart(folder, command, '--json', '--log', 'plain', ...words);
  expect([words, exitCode, exitCode === 0 ? '' : stderr]).toEqual([words, 0, '']);
  return objectsOf(stdout);
}

/** What `--json` prints. */
export const objectsOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The console of a lab's node, by its place among the nodes. */
export async function attach(folder: string, cluster: string, index: number): Promise<Console> {
  const socket = createConnection(nodeSocket(runFolder(join(folder, 'run'), cluster), index, 'console'));
  await once(socket, 'connect');
  return watch(socket, join(LOGS, `lab-${cluster}-${String(index)}.log`));
}
