/**
 * Counts connections, so that nobody can take them all. When there are too many, the connection that has waited for a request for the
 * longest time makes room for the new one. A connection with a request that is being answered stays.
 */
import type { Socket } from 'node:net';

interface ConnectionLimits {
  /** Of all clients together. */
  readonly connections: number;
  /** Of one address. */
  readonly connectionsPerClient: number;
}

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #counts = new Map<string, number>();
  /** Without a request, the one that waits longest first. */
  readonly #waiting = new Map<string, Socket>();
  readonly #busy = new Map<string, Socket>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Closes the new connection if there is no room for it. */
  admit(socket: Socket): void {
    const [id, client] = [idOf(socket), clientOf(socket)];
    const count = (this.#counts.get(client) ?? 0) + 1;
    if (id === '' || count > this.#limits.connectionsPerClient || !this.#makeRoom()) return void socket.destroy();
    this.#counts.set(client, count);
    this.#waiting.set(id, socket);
    socket.once('close', () => {
      this.#forget(id);
      const left = (this.#counts.get(client) ?? 1) - 1;
      if (left === 0) this.#counts.delete(client);
      else this.#counts.set(client, left);
    });
  }

  /** @param socket that of a request: with TLS, another object than that which was admitted */
  busy(socket: Socket): void {
    move(idOf(socket), this.#waiting, this.#busy);
  }

  waiting(socket: Socket): void {
    move(idOf(socket), this.#busy, this.#waiting);
  }

  closeAll(): void {
    for (const socket of [...this.#waiting.values(), ...this.#busy.values()]) socket.destroy();
  }

  #makeRoom(): boolean {
    if (this.#waiting.size + this.#busy.size < this.#limits.connections) return true;
    for (const [id, socket] of this.#waiting) {
      this.#forget(id);
      socket.destroy();
      return true;
    }
    return false;
  }

  #forget(id: string): void {
    this.#waiting.delete(id);
    this.#busy.delete(id);
  }
}

function move(id: string, from: Map<string, Socket>, to: Map<string, Socket>): void {
  const socket = from.get(id);
  if (socket === undefined) return;
  from.delete(id);
  to.set(id, socket);
}

/** The client's address; an IPv4 address never in the form of IPv6. */
export const clientOf = ({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string =>
  remoteAddress.replace(/^::ffff:/, '');

/** Empty once the connection has ended. */
const idOf = ({ remoteAddress, remotePort }: Socket): string =>
  remoteAddress === undefined || remotePort === undefined ? '' : `${remoteAddress} ${String(remotePort)}`;
