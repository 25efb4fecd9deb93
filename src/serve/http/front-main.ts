/**
 * The program of a front in a process of its own. It has a small heap, so that its collection costs little, and ends with the office.
 * Errors that nobody foresaw end it; the office starts another one.
 */
import type { Socket } from 'node:net';
import type { Asked, DistantBytes, Office, Reply } from './exchange.ts';
import type { SentPiece, ToFront, ToOffice } from './front-messages.ts';
import { LocalFront } from './local-front.ts';

/** What waits for an answer of the office. */
interface Waiting<T> {
  readonly done: (value: T) => void;
  readonly failed: (error: Error) => void;
}

class DistantOffice implements Office {
  readonly #asked = new Map<number, Waiting<Reply>>();
  readonly #fetching = new Map<number, Waiting<Uint8Array>>();
  #last = 0;

  ask(id: number, asked: Asked): Promise<Reply> {
    const request = ++this.#last;
    return new Promise((done, failed) => {
      this.#asked.set(request, { done, failed });
      say({ type: 'ask', request, id, asked });
    });
  }

  waiting(id: number): void {
    say({ type: 'waiting', id });
  }

  closed(id: number): void {
    say({ type: 'closed', id });
  }

  replied({ request, status, headers, body }: ToFront & { type: 'reply' }): void {
    const ended = (sent: number, failure: string | null): void => {
      say({ type: 'ended', request, sent, failure });
    };
    const pieces = body.map((piece, index) => this.#whole(request, piece, index));
    this.#asked.get(request)?.done({ status, headers, body: pieces, ended });
    this.#asked.delete(request);
  }

  notReplied(request: number): void {
    this.#asked.get(request)?.failed(new Error('the office has no reply'));
    this.#asked.delete(request);
  }

  fetched(request: number, bytes: Uint8Array): void {
    this.#fetching.get(request)?.done(bytes);
    this.#fetching.delete(request);
  }

  #whole(request: number, piece: SentPiece, index: number): Reply['body'][number] {
    if ('path' in piece || 'bytes' in piece) return piece;
    const fetch: DistantBytes['fetch'] = (begin, end) =>
      new Promise((done, failed) => {
        this.#fetching.set(request, { done, failed });
        say({ type: 'fetch', request, piece: index, begin, end });
      });
    return { length: piece.length, fetch };
  }
}

function say(message: ToOffice): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

const office = new DistantOffice();
let front: LocalFront | undefined;

function heed(message: ToFront, socket: Socket | undefined): void {
  switch (message.type) {
    case 'start':
      front = new LocalFront(message.identity, message.limits, message.fronts, office);
      return;
    case 'take':
      if (socket === undefined) return office.closed(message.id);
      say({ type: 'taken', id: message.id });
      socket.allowHalfOpen = true;
      return front?.take(message.id, socket);
    case 'drop':
      return front?.drop(message.id);
    case 'reply':
      return office.replied(message);
    case 'no-reply':
      return office.notReplied(message.request);
    case 'fetched':
      return office.fetched(message.request, message.bytes);
  }
}

process.on('message', (message, socket) => {
  heed(message as ToFront, socket as Socket | undefined);
});
/** Also when a thread hangs in a system call of a file system that does not answer. */
const end = (): void => void process.kill(process.pid, 'SIGKILL');
process.on('disconnect', end);
process.on('SIGTERM', () => undefined); // systemd sends it to all processes of a service; the office decides
process.on('uncaughtException', (error) => {
  process.send?.({ type: 'crashed', message: error.message } satisfies ToOffice, undefined, undefined, end);
});
