/** Patterns of fnmatch(3) for NICs, compared with the shell that applies them on the node. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fits } from '../../../src/config/network/glob.ts';
import { nicMatch } from '../../../src/config/schema/network.ts';

const piece = fc.constantFrom('a', 'b', '0', '.', ':', '-', '*', '?', '[ab]', '[!a]', '[a-c]', '[^0]', '[.*]');
const pattern = fc.array(piece, { maxLength: 5 }).map((parts) => parts.join(''));
const text = fc.array(fc.constantFrom('a', 'b', 'c', '0', '.', ':', '-'), { maxLength: 5 }).map((all) => all.join(''));

test('a pattern fits what it fits in bash', () => {
  const pairs = fc.sample(fc.tuple(text, pattern), { numRuns: 2000, seed: 14 });
  const script = String.raw`while IFS=$'\t' read -r text pattern; do [[ $text == $pattern ]] && echo 1 || echo 0; done`;
  const input = pairs.map(([word, of]) => `x${word}\tx${of}\n`).join('');
  const { stdout } = spawnSync('bash', ['-c', script], { input, encoding: 'utf8' });
  expect(pairs.map(([word, of]) => (fits(word, of) ? '1' : '0'))).toEqual(stdout.trim().split('\n'));
});

test.each([
  [{ name: 'en*s0f[01]' }, true],
  [{ driver: 'ixgbe', path: 'pci-0000:02:00.?' }, true],
  [{ mac: '3C:EC:EF:*' }, true],
  [{ name: 'two words' }, false],
  [{ path: 'pci[' }, false],
  [{ mac: 'x2:54:*' }, false],
  [{ model: 'X710' }, false],
])('%j', (match, isAccepted) => {
  expect(nicMatch.safeParse(match).success).toBe(isAccepted);
});
