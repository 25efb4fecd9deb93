/** A Unix socket of the lab's, for its user alone: its folder is closed to others. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * Listens until the process ends, and keeps it from ending by no socket. An error of a connection ends that connection
 * alone.
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
