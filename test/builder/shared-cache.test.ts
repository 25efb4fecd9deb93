/** A cache that builds in several PID namespaces share, as those of containers do, where each is process 1 and may be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from './temporary.ts';

const USER = join(import.meta.dirname, 'cache-user.ts');
const TSX = createRequire(import.meta.url).resolve('tsx');
const ENTRIES = 6;

/** Runs a user of the cache in a PID namespace, again and again when it is killed. Resolves to the number of its deaths. */
async function use(cache: string, log: string): Promise<number> {
  const namespace = ['--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];
  // A process 1 does not get signals that it sends to itself: pid_namespaces(7). So sh is process 1.
  const args = [
    ...namespace,
    'sh',
    '-c',
    '"$@"; exit $?',
    'sh',
    process.execPath,
    '--import',
    TSX,
    USER,
    cache,
    log,
    String(ENTRIES),
  ];
  const child = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 128 + 9) return 1 + (await use(cache, log));
  expect([code, said]).toEqual([0, '']);
  return 0;
}

it('gives whole entries to builds in five PID namespaces, some of which are killed, and each is made about once', async () => {
  const [cache, folder] = [await temporaryFolder(), await temporaryFolder()];
  const log = join(folder, 'log');
  const deaths = (await Promise.all([1, 2, 3, 4, 5].map(() => use(cache, log)))).reduce((sum, each) => sum + each, 0);
  const made = (await readFile(log, 'utf8')).trim().split('\n').sort();
  expect(new Set(made).size).toBe(ENTRIES);
  expect(made.length).toBeLessThanOrEqual(ENTRIES + 2); // twice where a lease was given up that only slept
  const left = await readdir(join(cache, 'base'));
  expect(left.filter((name) => !name.startsWith('.')).length).toBe(ENTRIES);
  expect(left.filter((name) => name.startsWith('.')).length).toBeLessThanOrEqual(2 * deaths);
});
