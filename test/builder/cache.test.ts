import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cached, defaultCacheDir } from '../../src/builder/system/cache.ts';
import { temporaryFolder } from './temporary.ts';

describe('cached', () => {
  it('fills a folder once', async () => {
    const cache = await temporaryFolder();
    let fills = 0;
    const fill = async (folder: string): Promise<void> => {
      fills += 1;
      await writeFile(join(folder, 'file'), 'content');
    };
    const first = await cached(cache, 'base', 'key', fill);
    expect(await cached(cache, 'base', 'key', fill)).toBe(first);
    expect([fills, await readFile(join(first, 'file'), 'utf8')]).toEqual([1, 'content']);
  });

  it('keeps nothing of a fill that failed', async () => {
    const cache = await temporaryFolder();
    const fill = async (folder: string): Promise<void> => {
      await writeFile(join(folder, 'half'), '');
      throw new Error('no network');
    };
    await expect(cached(cache, 'base', 'key', fill)).rejects.toThrow('no network');
    expect(await readdir(join(cache, 'base'))).toEqual([]);
  });

  it('lets two builds fill the same folder side by side', async () => {
    const cache = await temporaryFolder();
    const fill = (folder: string): Promise<void> => writeFile(join(folder, 'file'), 'same');
    const folders = await Promise.all([cached(cache, 'iso', 'key', fill), cached(cache, 'iso', 'key', fill)]);
    expect(new Set(folders).size).toBe(1);
    expect(await readdir(join(cache, 'iso'))).toEqual(['key']);
  });
});

describe('defaultCacheDir', () => {
  it('follows COLDSTART_CACHE, then XDG_CACHE_HOME', () => {
    expect(defaultCacheDir({ COLDSTART_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(defaultCacheDir({ XDG_CACHE_HOME: '/b' })).toBe('/b/coldstart');
  });
});
