/** A script of the overlay as a process whose every step into the world is a question that somebody else answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

export const OVERLAY = join(import.meta.dirname, '../../overlays/common');
const FIELD = '\x1f';
const END = '\x1e';

export interface Answer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export class Script {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #channel: Duplex;
  #received = '';
  #ended = false;
  #killed = false;
  #wake: () => void = () => undefined;
  /** What it wrote to standard error last, to explain an unexpected end. */
  words = '';
  status = 0;

  constructor(root: string, name: string, args: readonly string[]) {
    this.name = name;
    this.#child = spawn(join(OVERLAY, 'usr/local/bin', name), args, {
      // A group of its own, so that a power cut ends all of it.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: {
        ...{ COLDSTART_ROOT: root, HOME: root, TZ: 'UTC', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
        BASH_ENV: join(import.meta.dirname, 'prelude.sh'),
      },
    });
    this.#channel = this.#child.stdio[3] as Duplex;
    this.#channel.setEncoding('utf8').on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    this.#channel.on('error', () => undefined);
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.words = (this.words + text).slice(-400);
    });
    this.#child.on('close', (status) => {
      this.status = status ?? 137;
      this.#ended = true;
      this.#wake();
    });
  }

  /** Whether it has neither ended nor lost its machine. */
  get runs(): boolean {
    return !this.#ended && !this.#killed;
  }

  /** The next question, null at the end. Until this is called again, the script stands still. */
  async question(): Promise<readonly string[] | null> {
    for (;;) {
      const end = this.#received.indexOf(END);
      if (end >= 0) {
        const text = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 1);
        return text.split(FIELD);
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  answer({ status, out, err }: Answer, seconds: number): void {
    this.#channel.write([String(status), String(Math.floor(seconds)), out, err].join(FIELD) + END);
  }

  /** Ends all of it at once and waits until it is gone. */
  async kill(): Promise<void> {
    if (!this.runs) return;
    this.#killed = true;
    process.kill(-this.#child.pid!, 'SIGKILL');
    while (!this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
