/** `coldstart lab console NODE`: connects this terminal to the node's serial console, until Ctrl-]. */
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { BuildError } from '../../builder/system/errors.ts';
import { call, nodeSocket } from '../../lab/supervisor/protocol.ts';
import { findLab, knownNode } from '../../usecases/lab/running.ts';
import type { Session } from '../session.ts';

/** Ctrl-], as in telnet and virsh; users rarely type it. */
const ESCAPE = 0x1d;

/** Without a terminal, the console receives standard input, and its end closes the connection. */
export async function labConsole(name: string, lab: string | undefined, session: Session): Promise<number> {
  const { run } = await findLab(lab, session.env);
  const { cluster, nodes } = await call(run, { do: 'status' });
  const known = nodes.map((node) => node.name);
  const index = known.indexOf(knownNode(name, known, cluster));
  const socket = createConnection(nodeSocket(run, index, 'console'));
  await once(socket, 'connect').catch((cause: unknown) => {
    throw new BuildError('The console does not answer.', { exitCode: 5, cause });
  });
  session.stderr.write(`Console of ${name}; leave it with Ctrl-]\n`);
  const { stdin } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  const leave = (): void => void socket.end();
  session.signal.addEventListener('abort', leave, { once: true });
  socket.setEncoding('utf8').on('data', (text: string) => {
    session.stdout.write(text);
  });
  stdin.on('data', (typed: Buffer) => {
    const end = typed.indexOf(ESCAPE);
    socket.write(end === -1 ? typed : typed.subarray(0, end));
    if (end !== -1) leave();
  });
  if (!stdin.isTTY) stdin.on('end', leave);
  await once(socket, 'close').catch(() => undefined);
  if (stdin.isTTY) stdin.setRawMode(false);
  stdin.removeAllListeners('data').pause();
  session.stderr.write('\n');
  return 0;
}
