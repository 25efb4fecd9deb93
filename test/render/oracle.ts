/** Tests how a program on this machine reads a text. Passes all values at once, because starting a program is slow. */
import { spawnSync } from 'node:child_process';

/** Whether a program is there; a test that needs it is skipped by name otherwise. */
export function isInstalled(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Standard output of a program that reads `input`. */
export function ask(command: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return stdout;
}

/** What `bash` has in each variable after it ran a script that sets `v0`, `v1`, … */
export function bashVariables(script: string, count: number): string[] {
  const names = Array.from({ length: count }, (_, index) => `"$v${String(index)}"`);
  return ask('bash', [], `${script}\nprintf '%s\\0' ${names.join(' ')}\n`)
    .split('\0')
    .slice(0, -1);
}
