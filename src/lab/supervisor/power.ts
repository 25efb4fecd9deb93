/** The power of one machine: switches QEMU on and off, stops and continues it, and knows how it ended. */
import { once } from 'node:events';
import { listen } from '../network/listen.ts';
import type { Power } from './protocol.ts';
import { speakQmp, type Qmp } from '../qemu/qmp.ts';
import { startQemu, type ChildProcess } from './start.ts';

export interface PowerSwitch {
  readonly power: () => Power;
  /** Why QEMU ended, when it did so by itself and not because the guest switched off; null otherwise. */
  readonly problem: () => string | null;
  readonly on: () => void;
  /** Pulls the plug; resolves once QEMU is gone. */
  readonly cut: () => Promise<void>;
  /** Ends QEMU in good order, so that it writes what it holds of the disks. */
  readonly end: () => Promise<void>;
  readonly order: (name: 'stop' | 'cont') => Promise<void>;
}

interface PowerOptions {
  /** QEMU's command line, which calls `control` with its machine protocol. */
  readonly args: readonly string[];
  readonly control: string;
  /** The machine begins anew: switched on, or reset. */
  readonly onStart: () => void;
}

/** Milliseconds for QEMU to end in good order. */
const PATIENCE = 10_000;
/** Characters of QEMU's complaints that are worth keeping. */
const KEPT = 2000;

export async function openPower({ args, control, onStart }: PowerOptions): Promise<PowerSwitch> {
  let power: Power = 'off';
  let problem: string | null = null;
  let qemu: ChildProcess | null = null;
  let qmp: Qmp | null = null;
  let connected = (): void => undefined;
  await listen(control, (connection) => {
    qmp = speakQmp(connection, onEvent);
    connected();
  });
  return {
    power: () => power,
    problem: () => problem,
    on,
    cut: () => endBy((child) => void child.kill('SIGKILL')),
    end: () => endBy((child) => void order('quit').catch(() => child.kill('SIGKILL'))),
    order,
  };

  function onEvent(event: string): void {
    if (event === 'STOP') power = 'paused';
    if (event === 'RESUME') power = 'running';
    if (event === 'RESET') onStart();
  }

  function on(): void {
    let complaint = '';
    const child = startQemu(args, (text) => (complaint = (complaint + text).slice(-KEPT)));
    [qemu, power, problem] = [child, 'running', null];
    onStart();
    child.on('close', (code, signal) => {
      [qemu, qmp, power] = [null, null, 'off'];
      if (code === 0 || signal === 'SIGKILL') return;
      problem = complaint.trim() || `it ended with ${signal ?? `exit code ${String(code)}`}`;
    });
  }

  /** A QEMU that was started just now is waited for. */
  async function order(name: 'stop' | 'cont' | 'quit'): Promise<void> {
    if (qmp === null) {
      const limit = AbortSignal.timeout(PATIENCE);
      await Promise.race([new Promise<void>((resolve) => (connected = resolve)), once(limit, 'abort')]);
    }
    if (qmp === null) throw new Error('QEMU does not answer');
    await qmp.command(name);
  }

  async function endBy(ask: (child: ChildProcess) => void): Promise<void> {
    if (qemu !== null) await untilEnded(qemu, ask);
  }
}

async function untilEnded(qemu: ChildProcess, ask: (child: ChildProcess) => void): Promise<void> {
  const gone = once(qemu, 'close');
  ask(qemu);
  const timer = setTimeout(() => qemu.kill('SIGKILL'), PATIENCE);
  await gone;
  clearTimeout(timer);
}
