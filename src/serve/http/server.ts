/** An HTTP or HTTPS server with limits, so that no client can use it up. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

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
}

export const DEFAULT_LIMITS: Limits = { connections: 1024, connectionsPerClient: 32, idle: 60_000, headers: 10_000 };

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
        });
  server.maxConnections = limits.connections;
  server.maxHeadersCount = 64;
  server.setTimeout(limits.idle);
  server.on('connection', limitPerClient(limits.connectionsPerClient));
  server.on('request', oneAfterTheOther(answer));
  const drop = (_: Error, socket: Duplex): void => void socket.destroy();
  server.on('clientError', drop).on('tlsClientError', drop);
  server.listen(at.port, at.address);
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    if (server.listening) await once(server, 'close');
  };
  return { at: { address, port }, close };
}

function limitPerClient(most: number): (socket: Socket) => void {
  const counts = new Map<string, number>();
  return (socket) => {
    const client = clientOf(socket);
    const count = (counts.get(client) ?? 0) + 1;
    if (count > most) return void socket.destroy();
    counts.set(client, count);
    socket.once('close', () => {
      const left = (counts.get(client) ?? 1) - 1;
      if (left === 0) counts.delete(client);
      else counts.set(client, left);
    });
  };
}

/** A client that sends many requests without waiting must not have all of them answered at once. */
function oneAfterTheOther(answer: Answerer): (request: IncomingMessage, response: ServerResponse) => void {
  const queues = new WeakMap<Socket, { last: Promise<void>; waiting: number }>();
  return (request, response) => {
    const { socket } = request;
    const queue = queues.get(socket) ?? { last: Promise.resolve(), waiting: 0 };
    queues.set(socket, queue);
    if (++queue.waiting > MOST_WAITING) return void socket.destroy();
    response.on('error', () => undefined); // `answer` learns of it by the response's end
    request.on('error', () => undefined).resume();
    queue.last = queue.last
      .then(() => (socket.destroyed ? undefined : answer(request, response)))
      .catch(() => void socket.destroy())
      .finally(() => void queue.waiting--);
  };
}

/** The client's address; an IPv4 address never in the form of IPv6. */
export const clientOf = ({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string =>
  remoteAddress.replace(/^::ffff:/, '');
