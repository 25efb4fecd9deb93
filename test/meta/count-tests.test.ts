import { expect, test } from 'vitest';
import { countChecks, countProject, summarize } from '../../scripts/count-tests.ts';

const report = (...testResults: object[]): string => JSON.stringify({ testResults });
const suite = (status: string, ...assertionResults: object[]): object => ({
  name: 'a.test.ts',
  status,
  assertionResults,
});

test('counts tests, checks, and what vitest calls pending as skipped', () => {
  const tests = countProject(
    'fast',
    report(
      suite(
        'passed',
        { status: 'passed', fullName: 'adds' },
        { status: 'pending', fullName: 'boots (needs qemu-img)' },
      ),
      suite('failed', { status: 'failed', fullName: 'divides' }, { status: 'todo', fullName: 'later' }),
    ),
    false,
  );
  expect(summarize([...countChecks('passed\tTypes\nfailed\tLint\n'), ...tests])).toBe(`failed: Lint
failed: fast: divides
skipped: fast: boots (needs qemu-img)
skipped: fast: later
2 passed, 2 failed, 2 skipped
`);
});

test('a file that could not be loaded counts as a failed test', () => {
  expect(countProject('boot', report(suite('failed')), false)).toEqual([{ result: 'failed', name: 'boot: a.test.ts' }]);
  const broken = suite('failed', { status: 'passed', fullName: 'adds' });
  expect(countProject('boot', report(broken), false).map(({ result }) => result)).toEqual(['passed', 'failed']);
});

test('vitest fails without a test that explains it', () => {
  const sound = report(suite('passed', { status: 'passed', fullName: 'adds' }));
  expect(countProject('fast', sound, true)).toEqual([{ result: 'passed', name: 'fast: adds' }]);
  expect(countProject('fast', sound, false).at(-1)).toEqual({
    ...{ result: 'failed', name: 'fast: vitest ended with an error' },
  });
  expect(countProject('fast', null, true)).toEqual([{ result: 'failed', name: 'fast: vitest left no report' }]);
});

test('nothing at all', () => {
  expect(summarize([])).toBe('0 passed, 0 failed, 0 skipped\n');
});
