/** Speaks HTTP or HTTPS with clients in this process, with limits, so that no client can use it up. */
import { constants } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Buffers } from './buffers.ts';
import type { Conditions, Front, Office } from './exchange.ts';
import { pour } from './pour.ts';
import type { Identity, Limits } from './settings.ts';

/** Requests of one connection that may wait while the first is answered (pipelining). */
const MOST_WAITING = 4;
const LARGEST_HEADER = 8 << 10;

interface Queue {
  last: Promise<void>;
  waiting: number;
}

export class LocalFront implements Front {
  readonly isAlive = true;
  readonly #server: Server;
  readonly #limits: Limits;
  readonly #office: Office;
  readonly #buffers: Buffers;
  readonly #sockets = new Map<number, Socket>();
  /** By address and port of the client: with TLS, a request has another socket than that which was taken. */
  readonly #ids = new Map<string, number>();
  readonly #queues = new WeakMap<Socket, Queue>();

  /** @param identity null for plain HTTP @param fronts how many share the memory for bytes between disk and sockets */
  constructor(identity: Identity | null, limits: Limits, fronts: number, office: Office) {
    [this.#limits, this.#office, this.#buffers] = [limits, office, new Buffers(identity !== null, fronts)];
    this.#server = makeServer(identity, limits);
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#enqueue(request, response);
    });
    this.#server.emit('listening'); // starts to check the time limits; it gets its connections from the office
  }

  take(id: number, socket: Socket): void {
    const key = keyOf(socket);
    if (key === '') {
      socket.destroy();
      return this.#office.closed(id);
    }
    this.#ids.set(key, id);
    this.#sockets.set(id, socket);
    socket.once('close', () => {
      if (this.#ids.get(key) === id) this.#ids.delete(key); // the client may have used its port again
      this.#sockets.delete(id);
      this.#office.closed(id);
    });
    this.#server.emit('connection', socket);
  }

  drop(id: number): void {
    this.#sockets.get(id)?.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    const sockets = [...this.#sockets.values()]; // also those that have not ended their handshake
    await Promise.all(sockets.map((socket) => once(socket.destroy(), 'close')));
  }

  /** A client that sends many requests without waiting must not have all of them answered at once. */
  #enqueue(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const id = this.#ids.get(keyOf(socket));
    const queue = this.#queues.get(socket) ?? { last: Promise.resolve(), waiting: 0 };
    this.#queues.set(socket, queue);
    if (id === undefined || ++queue.waiting > MOST_WAITING) return void socket.destroy();
    response.on('error', () => undefined); // `#answer` learns of it by the response's end
    request.on('error', () => undefined).resume();
    queue.last = queue.last
      .then(() => (socket.destroyed ? undefined : this.#answer(id, request, response)))
      .catch(() => void socket.destroy())
      .finally(() => {
        if (--queue.waiting === 0) this.#office.waiting(id);
      });
  }

  async #answer(
    id: number,
    { method = '', url = '', headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const reply = await this.#office.ask(id, { method, target: url, headers: conditionsIn(headers) });
    response.writeHead(reply.status, reply.headers);
    const { sent, failure } = await pour(reply.body, response, this.#buffers, this.#limits.patience);
    reply.ended(sent, failure);
  }
}

function conditionsIn(headers: IncomingHttpHeaders): Conditions {
  const { range, 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = headers;
  return { range, 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-range': ifRange?.toString() };
}

function makeServer(identity: Identity | null, limits: Limits): Server {
  const options: ServerOptions = {
    maxHeaderSize: LARGEST_HEADER,
    headersTimeout: limits.headers,
    requestTimeout: limits.headers,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: 1000,
  };
  const server =
    identity === null
      ? createServer(options)
      : createTlsServer({
          ...{ ...options, cert: identity.certificate, key: identity.key },
          ...{ minVersion: 'TLSv1.2', handshakeTimeout: limits.headers },
          secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        });
  server.maxHeadersCount = 64;
  server.setTimeout(limits.idle);
  const drop = (_: Error, socket: Duplex): void => void socket.destroy();
  return server.on('clientError', drop).on('tlsClientError', drop);
}

/** Empty once the connection has ended. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string =>
  remoteAddress === undefined || remotePort === undefined ? '' : `${remoteAddress} ${String(remotePort)}`;
