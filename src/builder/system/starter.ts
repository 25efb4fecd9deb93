/**
 * Starts many programs from a process with much memory. fork(2) copies the page tables of the process that calls it: with 500 MiB
 * that takes 30 ms for each program, and the more nodes a build has, the more memory. A small shell forks in a millisecond.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { run, toolError, type Program } from './run.ts';

interface Waiting {
  readonly done: (status: string) => void;
  readonly failed: (error: Error) => void;
}

export interface FileProgram extends Program {
  /** Path of the file that it reads as standard input; none by default. */
  readonly input?: string;
}

export class Starter {
  readonly #folder: string;
  readonly #lines = new PassThrough();
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<unknown>;
  #started = 0;
  /** Why the shell has ended. */
  #failure: Error | undefined;

  /** @param folder for what the programs report; its owner removes it */
  constructor(folder: string, signal: AbortSignal | undefined) {
    this.#folder = folder;
    const stdout = new PassThrough();
    const replies = createInterface({ input: stdout }).on('line', (line) => {
      const [id, status = ''] = line.split(' ');
      this.#waiting.get(Number(id))?.done(status);
      this.#waiting.delete(Number(id));
    });
    replies.on('close', () => this.#lines.end()); // the shell has ended
    this.#ended = run({ command: 'sh', args: [], reason: 'start programs', stdin: this.#lines, stdout, signal }).then(
      () => this.#fail(new Error('the shell that starts programs has ended')),
      (error: unknown) => this.#fail(error as Error),
    );
  }

  /** Runs a program to its end; several at a time are possible. @throws as {@link run} */
  async run(program: FileProgram): Promise<void> {
    const id = ++this.#started;
    const report = join(this.#folder, `${String(id)}.stderr`);
    const status = await new Promise<string>((done, failed) => {
      if (this.#failure !== undefined) return failed(this.#failure);
      this.#waiting.set(id, { done, failed });
      this.#lines.write(`${commandLine(program, report)}; echo "${String(id)} $?"; } &\n`);
    });
    const said = status === '0' ? '' : await readFile(report, 'utf8');
    await rm(report, { force: true });
    if (status === '127') throw toolError(program, { code: 'ENOENT' }, []);
    if (status !== '0') throw toolError(program, { exitCode: Number(status) }, said.trimEnd().split('\n').slice(-20));
  }

  /** Waits for the shell's end. Programs that still run are not waited for. */
  async close(): Promise<void> {
    this.#lines.end();
    await this.#ended;
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { failed } of this.#waiting.values()) failed(error);
    this.#waiting.clear();
  }
}

function commandLine({ command, args, env = {}, input = '/dev/null' }: FileProgram, report: string): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const words = [...settings, ...[command, ...args].map(quoted)].join(' ');
  return `{ ${words} <${quoted(input)} >/dev/null 2>${quoted(report)}`;
}

/** Literally, in a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
