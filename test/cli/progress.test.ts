import { describe, expect, test } from 'vitest';
import { chooseProgress, formatEvent } from '../../src/cli/streams/progress.ts';
import type { LogMode } from '../../src/cli/session.ts';

const terminal = (columns: number, isTTY = true) => ({ write: () => undefined, isTTY, columns });

describe('chooseProgress', () => {
  const cases: [string, LogMode, ReturnType<typeof terminal>, Record<string, string>, string][] = [
    ['a terminal', 'auto', terminal(80), { TERM: 'xterm' }, 'live'],
    ['a pipe', 'auto', terminal(0, false), {}, 'plain'],
    ['a terminal under CI', 'auto', terminal(80), { CI: 'true' }, 'plain'],
    ['a terminal with CI=1', 'auto', terminal(80), { CI: '1' }, 'plain'],
    ['a terminal with CI=false', 'auto', terminal(80), { CI: 'false' }, 'live'],
    ['a terminal with an empty CI', 'auto', terminal(80), { CI: '' }, 'live'],
    ['a terminal without a width', 'auto', terminal(0), {}, 'plain'],
    ['a terminal of 40 columns', 'auto', terminal(40), {}, 'plain'],
    ['a terminal of 41 columns', 'auto', terminal(41), {}, 'live'],
    ['a dumb terminal', 'auto', terminal(80), { TERM: 'dumb' }, 'plain'],
    ['--log plain on a terminal', 'plain', terminal(80), {}, 'plain'],
    ['--log json on a terminal', 'json', terminal(80), {}, 'json'],
    ['--log silent in a pipe', 'silent', terminal(0, false), {}, 'silent'],
  ];
  test.each(cases)('%s', (_, mode, stderr, env, form) => {
    expect(chooseProgress(mode, stderr, env)).toBe(form);
  });
});

test('events as text and as JSON', () => {
  const step = ['Make the images', 'worker-01'];
  expect(formatEvent({ state: 'started', step, seconds: 0 }, 'plain')).toBe('[   0.0s] Make the images > worker-01');
  expect(formatEvent({ state: 'done', step, seconds: 61.26 }, 'plain')).toBe(
    '[  61.3s] Make the images > worker-01: done',
  );
  expect(formatEvent({ state: 'skipped', step: ['A'], message: 'no need', seconds: 1 }, 'plain')).toBe(
    '[   1.0s] A: skipped (no need)',
  );
  expect(formatEvent({ state: 'failed', step: ['A'], seconds: 1 }, 'plain')).toBe('[   1.0s] A: failed');
  expect(formatEvent({ state: 'output', step: ['A'], message: 'Get:1', seconds: 1 }, 'plain')).toBe(
    '            Get:1',
  );
  expect(formatEvent({ state: 'done', step, seconds: 1.5 }, 'json')).toBe(
    '{"type":"progress","state":"done","step":["Make the images","worker-01"],"seconds":1.5}',
  );
});
