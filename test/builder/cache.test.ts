import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cached, defaultCacheDir } from '../../src/builder/system/cache.ts';
import { formatIdentity, ownIdentity } from '../../src/process/identity.ts';
import { temporaryFolder } from './temporary.ts';

const FAST = { beat: 20, patience: 100 };
const at = (cacheDir: string, report: (line: string) => void = () => undefined) => ({
  cacheDir,
  signal: undefined,
  report,
});

describe('cached', () => {
  it('fills a folder once', async () => {
    const cache = await temporaryFolder();
    let fills = 0;
    const fill = async (folder: string): Promise<void> => {
      fills += 1;
      await writeFile(join(folder, 'file'), 'content');
    };
    const first = await cached(at(cache), 'base', 'key', fill);
    expect(await cached(at(cache), 'base', 'key', fill)).toBe(first);
    expect([fills, await readFile(join(first, 'file'), 'utf8')]).toEqual([1, 'content']);
  });

  it('keeps nothing of a fill that failed', async () => {
    const cache = await temporaryFolder();
    const fill = async (folder: string): Promise<void> => {
      await writeFile(join(folder, 'half'), '');
      throw new Error('no network');
    };
    await expect(cached(at(cache), 'base', 'key', fill)).rejects.toThrow('no network');
    expect(await readdir(join(cache, 'base'))).toEqual([]);
  });

  it('lets two builds fill the same folder side by side', async () => {
    const cache = await temporaryFolder();
    const fill = (folder: string): Promise<void> => writeFile(join(folder, 'file'), 'same');
    const folders = await Promise.all([cached(at(cache), 'iso', 'key', fill), cached(at(cache), 'iso', 'key', fill)]);
    expect(new Set(folders).size).toBe(1);
    expect(await readdir(join(cache, 'iso'))).toEqual(['key']);
  });

  it('waits for a build that is making the folder, and says for whom', async () => {
    const cache = await temporaryFolder();
    const said: string[] = [];
    let fills = 0;
    const fill = async (): Promise<void> => {
      fills += 1;
      await delay(1_500);
    };
    const pace = { beat: 20, patience: 1_000 }; // shorter than the work: beats keep the lease alive
    const both = [1, 2].map(() =>
      cached(
        at(cache, (line) => said.push(line)),
        'base',
        'key',
        fill,
        pace,
      ),
    );
    await Promise.all(both);
    expect(fills).toBe(1);
    expect(said).toEqual([
      `another build (process ${String(process.pid)} on ${hostname()}) is making base key: waiting for it`,
    ]);
  });

  /** Begins to fill an entry; resolves once it holds the lease. */
  const begin = async (cache: string, work: () => Promise<void>): Promise<{ readonly ended: Promise<string> }> => {
    let ended = Promise.resolve('');
    await new Promise<void>((begun) => {
      ended = cached(at(cache), 'base', 'key', () => (begun(), work()), FAST);
    });
    ended.catch(() => undefined);
    return { ended };
  };

  it('does the work itself when the other build fails', async () => {
    const cache = await temporaryFolder();
    const failing = await begin(cache, () => delay(50).then(() => Promise.reject(new Error('no'))));
    expect(await cached(at(cache), 'base', 'key', () => Promise.resolve(), FAST)).toBe(join(cache, 'base/key'));
    await expect(failing.ended).rejects.toThrow('no');
  });

  it('ends at once when it is interrupted while it waits', async () => {
    const cache = await temporaryFolder();
    const abort = new AbortController();
    const making = await begin(cache, () => delay(300));
    const waiting = cached({ ...at(cache), signal: abort.signal }, 'base', 'key', () => Promise.resolve(), FAST);
    abort.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
    await making.ended;
  });

  it.each(['', 'nonsense', '7-1-4026531836-00000000-0000-4000-8000-000000000000 another-machine'])(
    'gives up a lease that nobody renews (%j)',
    async (text) => {
      const cache = await temporaryFolder();
      await mkdir(join(cache, 'base'));
      await writeFile(join(cache, 'base/.key.lease'), text);
      await cached(at(cache), 'base', 'key', () => Promise.resolve(), FAST);
      expect(await readdir(join(cache, 'base'))).toEqual(['key']);
    },
  );

  it('gives up the lease of a process of this machine that has ended, at once', async () => {
    const cache = await temporaryFolder();
    await mkdir(join(cache, 'base'));
    const dead = formatIdentity({ ...ownIdentity(), started: '1' });
    await writeFile(join(cache, 'base/.key.lease'), `${dead} here`);
    await cached(at(cache), 'base', 'key', () => Promise.resolve()); // else it would wait for a minute and a half
  });

  it('removes what builds left that were killed, and nothing of builds that live', async () => {
    const cache = await temporaryFolder();
    const place = join(cache, 'base');
    const longAgo = Date.now() / 1000 - 2 * 24 * 3600;
    for (const name of ['.dead-1', '.alive-1', 'other']) await mkdir(join(place, name), { recursive: true });
    for (const name of ['.dead-1', 'other']) await utimes(join(place, name), longAgo, longAgo);
    await cached(at(cache), 'base', 'key', () => Promise.resolve());
    expect((await readdir(place)).sort()).toEqual(['.alive-1', 'key', 'other']);
  });
});

describe('defaultCacheDir', () => {
  it('follows COLDSTART_CACHE, then XDG_CACHE_HOME', () => {
    expect(defaultCacheDir({ COLDSTART_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(defaultCacheDir({ XDG_CACHE_HOME: '/b' })).toBe('/b/coldstart');
  });
});
