/**
 * Fills entries of a shared cache until each is there; started by shared-cache.test.ts, often in a PID namespace of its own.
 * One time in five it is killed in the middle of its work. Writes `made KEY` for each entry that it filled.
 */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cached } from '../../src/builder/system/cache.ts';

const [cacheDir = '', log = '', entries = '0'] = process.argv.slice(2);
const step = { cacheDir, signal: undefined, report: () => undefined };
const PARTS = 20;

for (let entry = 1; entry <= Number(entries); entry++) {
  const key = `entry-${String(entry)}`;
  const folder = await cached(
    step,
    'base',
    key,
    async (staging) => {
      const end = Math.random() < 0.2 ? Math.floor(Math.random() * PARTS) : PARTS;
      for (let part = 0; part < PARTS; part++) {
        if (part === end) process.kill(process.pid, 'SIGKILL');
        await writeFile(join(staging, String(part)), key.repeat(1000));
        await delay(2);
      }
      await appendFile(log, `made ${key}\n`);
    },
    { beat: 50, patience: 2_000 },
  );
  for (let part = 0; part < PARTS; part++) {
    if ((await readFile(join(folder, String(part)), 'utf8')) !== key.repeat(1000))
      throw new Error(`${key} is not whole`);
  }
}
