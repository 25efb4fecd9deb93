/** The machine protocol (QMP) of one QEMU, which connects to our socket: https://www.qemu.org/docs/master/interop/qmp-spec.html */
import type { Socket } from 'node:net';

export interface Qmp {
  /** Runs a command without arguments. @throws Error when QEMU refuses it or is gone */
  readonly command: (name: 'stop' | 'cont' | 'system_powerdown' | 'quit') => Promise<void>;
}

interface Message {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
}

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** @param onEvent receives e.g. `RESET`, `STOP`, `RESUME`, `SHUTDOWN` */
export function speakQmp(socket: Socket, onEvent: (event: string) => void): Qmp {
  const waiting: Waiting[] = [];
  let rest = '';
  const command = (name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) {
        reject(new Error('QEMU is gone'));
        return;
      }
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute: name })}\n`);
    });
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') read(JSON.parse(line) as Message);
  });
  socket.on('error', () => undefined); // 'close' follows
  socket.on('close', () => {
    for (const one of waiting.splice(0)) one.reject(new Error('QEMU is gone'));
  });
  command('qmp_capabilities').catch(() => undefined);
  return { command };

  function read(message: Message): void {
    if (message.event !== undefined) onEvent(message.event);
    else if (message.error !== undefined) waiting.shift()?.reject(new Error(message.error.desc));
    else if ('return' in message) waiting.shift()?.resolve();
  }
}
