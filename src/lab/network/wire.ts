/** Connects a QEMU with `-netdev stream` to a port of a switch through a socket; a new connection replaces the former one. */
import type { Socket } from 'node:net';
import { encodeFrame, frameReader } from './frames.ts';
import { listen } from './listen.ts';
import type { Port, Switch } from './switch.ts';

/** Bytes; when a machine does not read and its queue is longer than this, frames are dropped, as a real switch does. */
const LONGEST_QUEUE = 4 << 20;

/** @param accessVlan see `PortOptions` */
export async function plugInto(
  path: string,
  network: Switch,
  accessVlan: number | null,
): Promise<Pick<Port, 'cutOff'>> {
  let machine: Socket | null = null;
  const send = (frame: Uint8Array): void => {
    if (machine !== null && machine.writableLength < LONGEST_QUEUE) machine.write(encodeFrame(frame));
  };
  const port = network.plug({ send, accessVlan });
  await listen(path, (socket) => {
    machine?.destroy();
    machine = socket;
    const read = frameReader(port.receive);
    socket.on('data', (chunk) => {
      if (!read(chunk)) socket.destroy();
    });
    socket.on('close', () => {
      if (machine === socket) machine = null;
    });
  });
  return port;
}
