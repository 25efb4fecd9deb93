/**
 * Starts programs that run longer than one step: the lab's supervisor, detached from the terminal, and its QEMUs. The kernel
 * ends the QEMUs when the supervisor ends, for whatever reason.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export type { ChildProcess };

/** Node's arguments that start this program again, compiled or from source. */
function ownCommand(): string[] {
  const main = fileURLToPath(import.meta.url).replace(/lab\/supervisor\/start\.([jt]s)$/, 'main.$1');
  const loader = main.endsWith('.ts') ? ['--import', createRequire(import.meta.url).resolve('tsx')] : [];
  return [...loader, main];
}

/**
 * Starts a command of this program in a session of its own, and does not wait for it.
 * @param log file that receives its output
 */
export function startDetached(args: readonly string[], log: string): ChildProcess {
  const output = openSync(log, 'w', 0o600);
  try {
    const child = spawn(process.execPath, [...ownCommand(), ...args], {
      ...{ cwd: '/', detached: true, stdio: ['ignore', output, output] },
    });
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

/** A QEMU that the kernel kills when this process ends (prctl(2), PR_SET_PDEATHSIG). `complain` gets its error output. */
export function startQemu(args: readonly string[], complain: (text: string) => void): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'qemu-system-x86_64', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.setEncoding('utf8').on('data', complain);
  child.on('error', ({ message }) => {
    complain(message);
  });
  return child;
}
