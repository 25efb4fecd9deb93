/** Listens, admits connections, and shares them out among processes that speak with the clients. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Connections } from './connections.ts';
import type { Asked, Front, Office, Reply } from './exchange.ts';
import { FrontProcess } from './front-process.ts';
import { LocalFront } from './local-front.ts';
import type { Identity, Limits, Listening } from './settings.ts';

/** @param client its address */
export type Answerer = (asked: Asked, client: string) => Promise<Reply>;

interface ServerOptions {
  /** Null for plain HTTP. */
  readonly identity: Identity | null;
  readonly limits: Limits;
  /** Processes that speak with the clients; 0: this process does. */
  readonly processes: number;
  /** Called when such a process has ended; another one has taken its place. */
  readonly lost: (reason: string) => void;
}

interface RunningServer {
  readonly at: Listening;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/** @throws Error with `code` EADDRINUSE, EADDRNOTAVAIL or EACCES when it cannot listen */
export async function startServer(at: Listening, options: ServerOptions, answer: Answerer): Promise<RunningServer> {
  const { identity, limits, processes, lost } = options;
  const connections = new Connections(limits);
  const office: Office = {
    ask: (id, asked) => {
      const client = connections.busy(id);
      return client === undefined ? Promise.reject(new Error('had to make room')) : answer(asked, client);
    },
    waiting: (id) => {
      connections.waiting(id);
    },
    closed: (id) => {
      connections.closed(id);
    },
  };
  // What a process that is handed a socket must not miss is not read here.
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: processes > 0 });
  server.listen(at.port, at.address);
  await once(server, 'listening');
  const fronts: readonly Front[] =
    processes === 0
      ? [new LocalFront(identity, limits, 1, office)]
      : Array.from(
          { length: processes },
          () => new FrontProcess({ identity, limits, fronts: processes }, office, lost),
        );
  server.on('connection', (socket: Socket) => {
    connections.admit(
      socket,
      fronts.filter(({ isAlive }) => isAlive),
    );
  });
  const { address, port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    await Promise.all(fronts.map((front) => front.close()));
  };
  return { at: { address, port }, close };
}
