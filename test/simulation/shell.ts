/**
 * The bash of a simulated node, and the overlay's scripts that run in it. Every access of a script to the simulated
 * world is a request; the simulation answers it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

const LIBRARY = join(import.meta.dirname, '../../overlays/common/usr/local/lib/coldstart');
const FIELD = '\x1f';
const END = '\x1e';
/** Scripts of one node at a time: each has a descriptor for its answers. */
const SLOTS = 8;

export interface Answer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** One process that has read the library; scripts are its copies. */
export class Shell {
  readonly words: string;
  readonly slots: (Script | null)[] = Array.from({ length: SLOTS }, () => null);
  readonly #child: ChildProcess;
  #received = '';

  /** @param folder what stands in for the node's root; it need not exist yet */
  constructor(root: string) {
    this.words = `${root}.words`;
    mkdirSync(this.words, { recursive: true });
    this.#child = spawn('/bin/bash', [join(import.meta.dirname, 'shell.sh')], {
      stdio: ['pipe', 'ignore', 'inherit', 'pipe', ...this.slots.map(() => 'pipe' as const)],
      env: {
        ...{ COLDSTART_ROOT: root, COLDSTART_LIBRARY: LIBRARY, COLDSTART_WORDS: this.words },
        ...{ HOME: root, TZ: 'UTC', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      },
    });
    const channel = this.#child.stdio[3] as Duplex;
    channel.setEncoding('utf8').on('data', (text: string) => {
      this.#received += text;
      this.#take();
    });
    for (const each of this.#child.stdio) each?.on('error', () => undefined);
  }

  #take(): void {
    for (let end = this.#received.indexOf(END); end >= 0; end = this.#received.indexOf(END)) {
      const [slot, ...words] = this.#received.slice(0, end).split(FIELD);
      this.#received = this.#received.slice(end + 1);
      this.slots[Number(slot)]?.hear(words);
    }
  }

  /** Starts a script of the overlay. */
  run(name: string, args: readonly string[], input: string, seconds: number): Script {
    const slot = this.slots.indexOf(null);
    if (slot < 0) throw new Error('a node does not run so many scripts at a time');
    writeFileSync(join(this.words, `${String(slot)}.in`), input);
    const script = new Script(this, slot, name);
    this.slots[slot] = script;
    this.#child.stdin!.write([slot, Math.floor(seconds), name, ...args].join(FIELD) + END);
    return script;
  }

  answer(slot: number, text: string): void {
    (this.#child.stdio[4 + slot] as Duplex).write(text);
  }

  end(): void {
    for (const script of this.slots) script?.kill();
    this.#child.kill('SIGKILL');
  }
}

export class Script {
  readonly name: string;
  readonly #shell: Shell;
  readonly #slot: number;
  #group = 0;
  #status: number | null = null;
  #killed = false;
  #question: readonly string[] | null = null;
  #wake: () => void = () => undefined;

  constructor(shell: Shell, slot: number, name: string) {
    this.#shell = shell;
    this.#slot = slot;
    this.name = name;
  }

  /** Whether it has neither ended nor lost its machine. */
  get runs(): boolean {
    return this.#status === null && !this.#killed;
  }

  get status(): number {
    return this.#status ?? 137;
  }

  /** What it wrote to standard output (`out`) or standard error (`err`). */
  said(where: 'out' | 'err'): string {
    return readFileSync(join(this.#shell.words, `${String(this.#slot)}.${where}`), 'utf8');
  }

  hear(words: readonly string[]): void {
    if (words[0] === 'began') this.#group = Number(words[1]);
    else if (words[0] === 'ended') this.#status = Number(words[1]);
    else this.#question = words;
    this.#wake();
  }

  /** The next question, null at the end. Until it is answered, the script stands still. */
  async question(): Promise<readonly string[] | null> {
    while (this.#question === null && this.#status === null) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const question = this.#question;
    this.#question = null;
    if (question === null) this.#leave();
    return question;
  }

  answer({ status, out, err }: Answer, seconds: number): void {
    const number = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
    const head = number(status, 4) + number(seconds, 12) + number(out.length, 8) + number(err.length, 8);
    this.#shell.answer(this.#slot, head + out + err);
  }

  /** Ends all of it at once. It stands still, waiting for an answer, so nothing of it happens any more. */
  kill(): void {
    if (!this.runs) return;
    this.#killed = true;
    process.kill(-this.#group, 'SIGKILL');
    this.#leave();
  }

  #leave(): void {
    this.#shell.slots[this.#slot] = null;
  }
}
