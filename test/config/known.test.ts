import * as z from 'zod';
import { expect, test } from 'vitest';
import { asFarAsKnown, known, Unknown } from '../../src/config/definition/known.ts';
import { accepts, sample } from '../../src/config/definition/sample.ts';
import { clusterFile } from '../../src/config/schema/cluster.ts';
import { suppose } from '../../src/config/definition/suppose.ts';
import { parts } from './schema/schema-parts.ts';

test('what all alternatives agree on is known, the rest stops whoever reads it', () => {
  const both = known([
    { name: 'a', lists: [[1], [2]], inner: { same: true, other: 1 } },
    { name: 'a', lists: [[1], [2, 3]], inner: { same: true, other: 2, more: 0 } },
  ]);
  expect(both.name).toBe('a');
  expect(both.lists[0]).toEqual([1]);
  expect(both.inner.same).toBe(true);
  for (const read of [() => both.lists[1], () => both.inner.other, () => Object.entries(both.inner)])
    expect(read).toThrow(Unknown);
});

test('an effect goes as far as what is known; other errors are bugs', () => {
  const seen: number[] = [];
  const list = known([
    [{ n: 1 }, { n: 2 }],
    [{ n: 1 }, { n: 3 }],
  ]);
  asFarAsKnown(() => list.forEach(({ n }) => seen.push(n)));
  expect(seen).toEqual([1]);
  expect(() => asFarAsKnown(() => [].at(0) ?? undefinedFunction())).toThrow(ReferenceError);
});

declare function undefinedFunction(): void;

test('faults are mended where they are, and nowhere else', () => {
  const schema = z.strictObject({ a: z.string(), b: z.array(z.enum(['x', 'y'])).optional(), c: z.int().optional() });
  const data = { a: 'kept', b: ['x', 'z'], odd: 1 };
  const views = [0, 1].map((variant) => suppose(schema, data, variant));
  expect(views[0]?.value).toEqual({ a: 'kept', b: ['x', 'x'] });
  expect(views[1]?.value).toEqual({ a: 'kept', b: ['x', 'y'], c: expect.any(Number) as number });
  expect(views[0]?.faults).toEqual([
    { path: ['b', 1], open: [['b', 1]] },
    { path: ['odd'], open: [['c']] },
  ]);
});

test('there is something to suppose for every setting, and something else each time', () => {
  const alone = /image\.suite|literal|\.type$|\|0$/;
  for (const [path, schema] of parts(clusterFile, '')) {
    const samples = [0, 1, 2].map((variant) => sample(schema, variant));
    expect(
      samples.filter((one) => !accepts(schema, one)),
      path,
    ).toEqual([]);
    const different = new Set(samples.map((one) => JSON.stringify(one))).size;
    if (!alone.test(path)) expect(different, path).toBeGreaterThan(1);
  }
});
