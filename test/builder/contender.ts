/**
 * Contends for an output folder until a stop file appears; started by mutex.test.ts. While it holds the folder, it
 * creates a file there that must not exist yet. One time in ten it is killed.
 */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { holdingOutput } from '../../src/builder/system/mutex.ts';

const [folder = '', stop = ''] = process.argv.slice(2);
async function work(): Promise<void> {
  const alone = join(folder, 'alone');
  await writeFile(alone, String(process.pid), { flag: 'wx' });
  await new Promise((resume) => setTimeout(resume, Math.random() * 3));
  await rm(alone);
  if (Math.random() < 0.1) process.kill(process.pid, 'SIGKILL');
}

while (!existsSync(stop)) {
  await holdingOutput(folder, work).catch((error: unknown) => {
    if (!(error instanceof Error) || !error.message.startsWith('Another build')) throw error;
  });
}
