import { expect, test } from 'vitest';
import { namesOrNumber, portion } from '../../src/diagnostics/quantity.ts';

test('a part of a whole, and names that are only counted if there are many', () => {
  expect(portion(1, 1000)).toBe('1 of 1,000');
  expect(namesOrNumber(['a', 'b'], 'node')).toBe('a, b');
  expect(namesOrNumber(Array.from({ length: 999 }, String), 'node')).toBe('999 nodes');
});
