/** Plugs what calls a socket, a QEMU with `-netdev stream`, into a port of a switch; a new call takes the port over. */
import type { Socket } from 'node:net';
import { encodeFrame, frameReader } from './frames.ts';
import { listen } from './listen.ts';
import type { Port, Switch } from './switch.ts';

/** Bytes; what a machine that does not read leaves unsent is dropped beyond this, as a switch drops it. */
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
