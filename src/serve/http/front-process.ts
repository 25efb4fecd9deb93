/**
 * A front in another process, as the office sees it. The process holds nothing that is needed later: when it ends, its connections are
 * closed, its downloads have ended where they were, and another process takes its place.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { extname, join } from 'node:path';
import type { Front, Office, Reply } from './exchange.ts';
import type { FrontSettings, SentPiece, ToFront, ToOffice } from './front-messages.ts';

const PROGRAM = join(import.meta.dirname, `front-main${extname(import.meta.filename)}`);
/** Milliseconds that a process lasts at least, unless something is wrong with it. */
const SHORT = 10_000;
/** Milliseconds before the place of such a process is taken. */
const PAUSE = 1000;
/** Bytes in memory up to here go with the reply; longer ones wait in this process until the client has taken what comes before them. */
const MOST_SENT_AT_ONCE = 16 << 10;

export class FrontProcess implements Front {
  readonly #settings: FrontSettings;
  readonly #office: Office;
  readonly #lost: (reason: string) => void;
  /** Of this process; null once the front has taken it. */
  readonly #sockets = new Map<number, Socket | null>();
  /** By request. */
  readonly #replies = new Map<number, Reply>();
  #child: ChildProcess;
  #crash = '';
  #restart: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(settings: FrontSettings, office: Office, lost: (reason: string) => void) {
    [this.#settings, this.#office, this.#lost] = [settings, office, lost];
    this.#child = this.#start();
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  take(id: number, socket: Socket): void {
    socket.on('error', () => undefined);
    this.#sockets.set(id, socket);
    this.#send({ type: 'take', id }, socket);
  }

  drop(id: number): void {
    this.#send({ type: 'drop', id });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  #start(): ChildProcess {
    const began = performance.now();
    // Detached, as Ctrl-C goes to all processes of a terminal's foreground.
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
    const child = fork(PROGRAM, { serialization: 'advanced', detached: true, stdio: [...stdio] });
    child.on('message', (message) => {
      this.#heed(message as ToOffice);
    });
    child.on('error', () => undefined); // its end follows
    // Not `exit`, after which messages may come.
    child.once('close', (code, signal) => {
      this.#forgetAll();
      if (this.#isClosing) return;
      this.#lost(this.#crash || (signal ?? `exit code ${String(code)}`));
      this.#crash = '';
      const pause = performance.now() - began < SHORT ? PAUSE : 0;
      this.#restart = setTimeout(() => (this.#child = this.#start()), pause);
    });
    child.send({ type: 'start', ...this.#settings } satisfies ToFront, () => undefined);
    return child;
  }

  #forgetAll(): void {
    for (const reply of this.#replies.values()) reply.ended(0, null);
    this.#replies.clear();
    for (const [id, socket] of this.#sockets) {
      socket?.destroy();
      this.#office.closed(id);
    }
    this.#sockets.clear();
  }

  #send(message: ToFront, socket?: Socket): void {
    // A process that has ended gets nothing: `#forgetAll` closes the socket.
    if (this.#child.connected) this.#child.send(message, socket, { keepOpen: true }, () => undefined);
  }

  #heed(message: ToOffice): void {
    switch (message.type) {
      case 'ask':
        return void this.#ask(message);
      case 'fetch':
        return this.#fetch(message);
      case 'ended':
        this.#replies.get(message.request)?.ended(message.sent, message.failure);
        return void this.#replies.delete(message.request);
      case 'taken':
        this.#sockets.get(message.id)?.destroy();
        return void this.#sockets.set(message.id, null);
      case 'waiting':
        return this.#office.waiting(message.id);
      case 'closed':
        this.#sockets.get(message.id)?.destroy();
        this.#sockets.delete(message.id);
        return this.#office.closed(message.id);
      case 'crashed':
        this.#crash = message.message;
    }
  }

  async #ask({ request, id, asked }: ToOffice & { type: 'ask' }): Promise<void> {
    const child = this.#child;
    const reply = await this.#office.ask(id, asked).catch(() => null);
    if (child !== this.#child || !child.connected) return reply?.ended(0, null);
    if (reply === null) return this.#send({ type: 'no-reply', request });
    this.#replies.set(request, reply);
    const { status, headers, body } = reply;
    this.#send({ type: 'reply', request, status, headers, body: body.map(inMessage) });
  }

  #fetch({ request, piece, begin, end }: ToOffice & { type: 'fetch' }): void {
    const found = this.#replies.get(request)?.body[piece];
    if (found !== undefined && 'bytes' in found)
      this.#send({ type: 'fetched', request, bytes: found.bytes.subarray(begin, end) });
  }
}

function inMessage(piece: Reply['body'][number]): SentPiece {
  if ('path' in piece) return piece;
  const length = 'bytes' in piece ? piece.bytes.length : piece.length;
  return 'bytes' in piece && length <= MOST_SENT_AT_ONCE ? piece : { length };
}
