/** Listens on a Unix socket of the lab. Only the lab's user can connect, because the folder has mode 0700. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * Listens until the process ends; neither the listener nor a connection keeps the process running. An error ends only its own
 * connection.
 */
export async function listen(path: string, connected: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    socket.unref().on('error', () => socket.destroy());
    connected(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  server.unref();
}
