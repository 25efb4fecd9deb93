/** The programs and files that boot tests need on this machine. */
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** Serial consoles of all machines, kept for the person who looks into a failure. */
export const LOGS = process.env['COLDSTART_BOOT_LOGS'] ?? join(tmpdir(), 'coldstart-boot-logs');
mkdirSync(LOGS, { recursive: true });

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

const needed = [
  ['qemu-system-x86_64', isOnPath('qemu-system-x86_64')],
  ['qemu-img', isOnPath('qemu-img')],
  ['ovmf', existsSync('/usr/share/OVMF/OVMF_CODE_4M.ms.fd')],
  ['mmdebstrap', isOnPath('mmdebstrap')],
] as const;

/** Text for a skipped test's name, empty where nothing is missing. */
export const missing: readonly string[] = needed.filter(([, found]) => !found).map(([name]) => ` (needs ${name})`);

/** A folder for all tests of a file. */
export function folderOfFile(name: string): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `coldstart-${name}-`));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
