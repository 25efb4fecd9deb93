/**
 * Counts connections, so that nobody can take them all. When there are too many, the connection that has waited for a request for the
 * longest time makes room for the new one. A connection with a request that is being answered stays.
 */
import type { Socket } from 'node:net';
import type { Front } from './exchange.ts';

interface ConnectionLimits {
  /** Of all clients together. */
  readonly connections: number;
  /** Of one address. */
  readonly connectionsPerClient: number;
}

interface Connection {
  readonly client: string;
  readonly front: Front;
}

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #clients = new Counts<string>();
  readonly #fronts = new Counts<Front>();
  /** All that are not closed. */
  readonly #open = new Map<number, Connection>();
  /** Without a request, the one that waits longest first. */
  readonly #waiting = new Set<number>();
  readonly #busy = new Set<number>();
  #last = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Gives the connection to the front with the fewest, or closes it if there is no room for it. */
  admit(socket: Socket, fronts: readonly Front[]): void {
    const client = clientOf(socket);
    const [front] = fronts.toSorted((one, other) => this.#fronts.of(one) - this.#fronts.of(other));
    const isOver = this.#clients.of(client) >= this.#limits.connectionsPerClient;
    if (front === undefined || client === '' || isOver || !this.#makeRoom()) return void socket.destroy();
    const id = ++this.#last;
    this.#open.set(id, { client, front });
    this.#clients.add(client, 1);
    this.#fronts.add(front, 1);
    this.#waiting.add(id);
    front.take(id, socket);
  }

  /** The address of the client; undefined when the connection had to make room for another. */
  busy(id: number): string | undefined {
    if (!this.#busy.has(id) && !this.#waiting.delete(id)) return undefined;
    this.#busy.add(id);
    return this.#open.get(id)?.client;
  }

  waiting(id: number): void {
    if (this.#busy.delete(id)) this.#waiting.add(id);
  }

  closed(id: number): void {
    const connection = this.#open.get(id);
    if (connection === undefined) return;
    this.#open.delete(id);
    this.#waiting.delete(id);
    this.#busy.delete(id);
    this.#clients.add(connection.client, -1);
    this.#fronts.add(connection.front, -1);
  }

  #makeRoom(): boolean {
    if (this.#waiting.size + this.#busy.size < this.#limits.connections) return true;
    for (const id of this.#waiting) {
      this.#waiting.delete(id);
      this.#open.get(id)?.front.drop(id);
      return true;
    }
    return false;
  }
}

/** Keys with a count of zero take no memory. */
class Counts<Key> {
  readonly #counts = new Map<Key, number>();

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: Key, difference: number): void {
    const count = this.of(key) + difference;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

/** An IPv4 address never in the form of IPv6. Empty once the connection has ended. */
const clientOf = ({ remoteAddress = '' }: Socket): string => remoteAddress.replace(/^::ffff:/, '');
