/** The power of one machine: switches QEMU on and off, pauses and resumes it, and records how it ended. */
import { once } from 'node:events';
import { listen } from '../network/listen.ts';
import type { Power } from './protocol.ts';
import { speakQmp, type Qmp } from '../qemu/qmp.ts';
import { startQemu, type ChildProcess } from './start.ts';

export interface PowerSwitch {
  readonly power: () => Power;
  /** Why QEMU ended with an error; null otherwise, also when the guest switched off. */
  readonly problem: () => string | null;
  readonly on: () => void;
  /** Pulls the plug; resolves once QEMU is gone. */
  readonly cut: () => Promise<void>;
  /** Ends QEMU cleanly, so that it writes its cached disk contents. */
  readonly end: () => Promise<void>;
  readonly order: (name: 'stop' | 'cont') => Promise<void>;
}

interface PowerOptions {
  /** QEMU's command line; its machine protocol connects to `control`. */
  readonly args: readonly string[];
  readonly control: string;
  /** Called when the machine is switched on or reset. */
  readonly onStart: () => void;
}

/** Milliseconds that QEMU may take to answer or to end. */
const PATIENCE = 10_000;
/** Characters of QEMU's error output that are kept. */
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

  /** Waits for a QEMU that was started just now. */
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
