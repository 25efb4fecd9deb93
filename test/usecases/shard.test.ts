import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { inShard, parseShard } from '../../src/usecases/shard.ts';
import { makeWorld } from '../cli/world.ts';

const named = (names: readonly string[]) => names.map((name) => ({ name }));
const partition = (names: readonly string[], count: number): string[][] =>
  Array.from({ length: count }, (_, index) =>
    inShard(named(names), { index: index + 1, count }).map(({ name }) => name),
  );
/** The number of the shard that each name is in. */
const places = (names: readonly string[], count: number): Map<string, number> =>
  new Map(partition(names, count).flatMap((shard, index) => shard.map((name) => [name, index] as const)));

const someNames = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}-\d{1,3}$/), { maxLength: 60 });
const someCount = fc.integer({ min: 1, max: 12 });

describe('shards', () => {
  it('hold each node once, in equal parts, whatever the order of the nodes', () => {
    fc.assert(
      fc.property(someNames, someCount, (names, count) => {
        const shards = partition(names, count);
        expect(shards.flat().sort()).toEqual(names.toSorted());
        const sizes = shards.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(places(names.toReversed(), count)).toEqual(places(names, count));
      }),
    );
  });

  it('stay the same but for one node at each cut, when a node is added or removed', () => {
    fc.assert(
      fc.property(someNames, someCount, fc.stringMatching(/^[a-z]{1,3}-\d{1,3}$/), (names, count, further) => {
        const [before, after] = [places(names, count), places([...new Set([...names, further])], count)];
        const moved = names.filter((name) => before.get(name) !== after.get(name));
        expect(moved.length).toBeLessThanOrEqual(count - 1);
      }),
    );
  });

  it('keep neighbours together', () => {
    const names = ['worker-02', 'master-01', 'worker-01', 'store-01', 'worker-03'];
    expect(partition(names, 2)).toEqual([
      ['master-01', 'store-01'],
      ['worker-02', 'worker-01', 'worker-03'],
    ]);
    expect(partition(['a', 'b'], 3)).toEqual([[], ['a'], ['b']]);
  });
});

test.each(['', '1', '0/3', '4/3', '1/0', '-1/3', '1/3/5', '1.5/3', ' 1/3', '1/99999', 'a/b'])(
  '%j is no shard',
  (text) => {
    expect(parseShard(text)).toBeNull();
  },
);

describe('build --shard', () => {
  test.each(['0/3', '4/3', 'first'])('%s is refused with exit code 2', async (text) => {
    const world = await makeWorld();
    await expect(world.run('build', 'lab', '--shard', text)).rejects.toMatchObject({
      message: `error: option '--shard <i/n>' argument '${text}' is invalid. It has to be i/n with i from 1 to n, e.g. 2/3.`,
    });
  });

  const planned = async (...args: readonly string[]): Promise<unknown[]> => {
    const { run } = await makeWorld();
    const { stdout, exitCode } = await run('build', 'lab', '--dry-run', '--json', ...args);
    expect(exitCode).toBe(0);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines
      .map((line) => JSON.parse(line) as { type: string; node: string })
      .filter(({ type }) => type === 'plan')
      .map(({ node }) => node);
  };

  it('takes its part of the nodes, and of those that --node names', async () => {
    expect(await planned('--shard', '1/2')).toEqual(['master-01']);
    expect(await planned('--shard', '2/2')).toEqual(['worker-01']);
    expect(await planned('--shard', '1/3')).toEqual([]);
    expect(await planned('--node', 'worker-01', '--shard', '1/1')).toEqual(['worker-01']);
    expect(await planned('--node', 'worker-01', '--shard', '1/2')).toEqual([]);
  });
});
