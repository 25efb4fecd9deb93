import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { holding, holdingOutput } from '../../src/builder/system/mutex.ts';
import { temporaryFolder } from './temporary.ts';

const CONTENDER = join(import.meta.dirname, 'contender.ts');
const TSX = createRequire(import.meta.url).resolve('tsx');

/** Runs a contender, again and again when it dies. Resolves to whatever it complained of. */
async function contend(folder: string, stop: string, died: () => void): Promise<string> {
  const child = spawn(process.execPath, ['--import', TSX, CONTENDER, folder, stop], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal === 'SIGKILL') died();
  return signal === 'SIGKILL' ? said + (await contend(folder, stop, died)) : said;
}

describe('an output folder', () => {
  it('has one holder at a time, who is named', async () => {
    const folder = await temporaryFolder();
    await holdingOutput(folder, async () => {
      await expect(holdingOutput(folder, () => Promise.resolve())).rejects.toMatchObject({
        message: `Another build (process ${String(process.pid)} on ${hostname()}) is writing this output folder.`,
        exitCode: 6,
      });
    });
    expect(await holdingOutput(folder, () => Promise.resolve('free again'))).toBe('free again');
    expect(await readdir(folder)).toEqual(['.lock']);
  });

  it('is free again after work that failed', async () => {
    const folder = await temporaryFolder();
    await expect(holdingOutput(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await holdingOutput(folder, () => Promise.resolve('done'))).toBe('done');
  });

  it.each(['', 'nonsense', '1', String(process.pid)])('is free whatever an earlier holder left (%j)', async (left) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.lock'), left);
    expect(await holdingOutput(folder, () => Promise.resolve('done'))).toBe('done');
  });

  it('never has two holders, while three contend for it and some of them are killed', async () => {
    const folder = await temporaryFolder();
    const stop = join(await temporaryFolder(), 'stop');
    let deaths = 0;
    const contenders = [1, 2, 3].map(() => contend(folder, stop, () => (deaths += 1)));
    for (const start = Date.now(); deaths < 4 && Date.now() - start < 60_000;) await delay(100);
    await writeFile(stop, '');
    expect(await Promise.all(contenders)).toEqual(['', '', '']);
    expect(deaths).toBeGreaterThan(3);
  });
});

it('says that a file to lock is missing, not that it is held', async () => {
  const path = join(await temporaryFolder(), 'nothing');
  const refused = () => Promise.resolve(new Error('held'));
  await expect(holding(path, refused, () => Promise.resolve())).rejects.toMatchObject({ code: 'ENOENT' });
});
