/** An HTTP or HTTPS server with limits, so that no client can use it up. */
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Connections } from './connections.ts';
import type { Patience } from './pour.ts';

export interface Listening {
  readonly address: string;
  readonly port: number;
}

export interface Identity {
  /** PEM: the server's certificate, then those of its authorities. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

export interface Limits {
  /** Of all clients together. */
  readonly connections: number;
  /** Of one address. */
  readonly connectionsPerClient: number;
  /** Milliseconds without a byte in either direction. */
  readonly idle: number;
  /** Milliseconds for the headers of a request, and for a handshake. */
  readonly headers: number;
  readonly patience: Patience;
}

export const DEFAULT_LIMITS: Limits = {
  ...{ connections: 1024, connectionsPerClient: 32, idle: 60_000, headers: 10_000 },
  patience: { rate: 1024, least: 60_000 },
};

/** Requests of one connection that may wait while the first is answered (pipelining). */
const MOST_WAITING = 4;
const LARGEST_HEADER = 8 << 10;

export type Answerer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface RunningServer {
  readonly at: Listening;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/**
 * @param identity null for plain HTTP
 * @throws Error with `code` EADDRINUSE, EADDRNOTAVAIL or EACCES when it cannot listen
 */
export async function startServer(
  at: Listening,
  identity: Identity | null,
  limits: Limits,
  answer: Answerer,
): Promise<RunningServer> {
  const options: ServerOptions = {
    maxHeaderSize: LARGEST_HEADER,
    headersTimeout: limits.headers,
    requestTimeout: limits.headers,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: 1000,
    noDelay: true,
  };
  const server =
    identity === null
      ? createServer(options)
      : createTlsServer({
          ...{ ...options, cert: identity.certificate, key: identity.key },
          ...{ minVersion: 'TLSv1.2', handshakeTimeout: limits.headers },
          secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        });
  const connections = new Connections(limits);
  server.maxHeadersCount = 64;
  server.setTimeout(limits.idle);
  server.on('connection', (socket: Socket) => {
    connections.admit(socket);
  });
  server.on('request', oneAfterTheOther(answer, connections));
  const drop = (_: Error, socket: Duplex): void => void socket.destroy();
  server.on('clientError', drop).on('tlsClientError', drop);
  server.listen(at.port, at.address);
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    connections.closeAll(); // also those that have not ended their handshake
    await closed;
  };
  return { at: { address, port }, close };
}

/** A client that sends many requests without waiting must not have all of them answered at once. */
function oneAfterTheOther(
  answer: Answerer,
  connections: Connections,
): (request: IncomingMessage, response: ServerResponse) => void {
  const queues = new WeakMap<Socket, { last: Promise<void>; waiting: number }>();
  return (request, response) => {
    const { socket } = request;
    const queue = queues.get(socket) ?? { last: Promise.resolve(), waiting: 0 };
    queues.set(socket, queue);
    if (++queue.waiting > MOST_WAITING) return void socket.destroy();
    connections.busy(socket);
    response.on('error', () => undefined); // `answer` learns of it by the response's end
    request.on('error', () => undefined).resume();
    queue.last = queue.last
      .then(() => (socket.destroyed ? undefined : answer(request, response)))
      .catch(() => void socket.destroy())
      .finally(() => {
        if (--queue.waiting === 0) connections.waiting(socket);
      });
  };
}
