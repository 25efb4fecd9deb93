/** The machine protocol (QMP) of a running QEMU: plugs cables, photographs the screen. https://www.qemu.org/docs/master/interop/qmp-spec.html */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** Of QEMU: it listens at this socket. */
export const monitorArgs = (path: string): readonly string[] => ['-qmp', `unix:${path},server=on,wait=off`];

/** Runs one command. @throws Error when QEMU refuses it */
export async function ask(path: string, execute: string, args: Readonly<Record<string, unknown>>): Promise<void> {
  const socket = await connect(path);
  try {
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const answer = async (): Promise<void> => {
      for (;;) {
        const line = await lines.next();
        if (line.done === true) throw new Error('QEMU is gone');
        const said = JSON.parse(line.value) as {
          readonly return?: unknown;
          readonly error?: { readonly desc: string };
        };
        if (said.error) throw new Error(said.error.desc);
        if ('return' in said) return;
      }
    };
    for (const command of [{ execute: 'qmp_capabilities' }, { execute, arguments: args }]) {
      socket.write(`${JSON.stringify(command)}\n`);
      await answer();
    }
  } finally {
    socket.destroy();
  }
}

/** QEMU makes the socket a moment after its start. */
async function connect(path: string, tries = 100): Promise<Socket> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    if (tries <= 1) throw error;
    await delay(100);
    return connect(path, tries - 1);
  }
}
