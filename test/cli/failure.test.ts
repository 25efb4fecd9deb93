import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { BuildError } from '../../src/builder/system/errors.ts';
import { describeFailure } from '../../src/cli/failure.ts';
import { epochFrom } from '../../src/cli/options/epoch.ts';
import { UsageError } from '../../src/usecases/usage.ts';
import { RenderError } from '../../src/render/engine/error.ts';

test.each([
  ['help', new CommanderError(0, 'commander.helpDisplayed', ''), 0, ''],
  ['a wrong flag', new CommanderError(1, 'commander.unknownOption', 'said already'), 2, ''],
  ['a wrong call', new UsageError('No.', 'yes'), 2, 'error: No.\n  = hint: yes\n'],
  ['an unsupported wish', new BuildError('Too big.', { exitCode: 3 }), 3, 'error: Too big.\n'],
  [
    'a missing tool',
    new BuildError('No xorriso.', { exitCode: 4, hint: 'get it' }),
    4,
    'error: No xorriso.\n  = hint: get it\n',
  ],
  ['a failing tool', new BuildError('mksquashfs failed.', { exitCode: 5 }), 5, 'error: mksquashfs failed.\n'],
  ['a wrong image', new BuildError('Not whole.', { exitCode: 7 }), 7, 'error: Not whole.\n'],
  [
    'a value that no format holds',
    new RenderError({ node: 'a', template: 'templates/x:3', settings: [] }, 'has a line feed'),
    2,
    'error: templates/x:3: has a line feed\n',
  ],
  [
    'a full disk',
    Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write', path: '/x/y' }),
    6,
    'error: Cannot use `/x/y`: the disk is full.\n',
  ],
])('%s', (_, error, exitCode, text) => {
  expect(describeFailure(error, false)).toMatchObject({ exitCode, text });
});

test('for machines, a failure is one line', () => {
  const said = (error: unknown) => describeFailure(error, false).json;
  expect(said(new UsageError('No.', 'yes'))).toBe('{"type":"failure","exitCode":2,"message":"No.","hint":"yes"}\n');
  expect(said(new CommanderError(1, 'x', "error: unknown option '--nod'"))).toContain('"message":"unknown option');
  expect(said(new TypeError('x')).split('\n')).toHaveLength(2);
  expect(said(new CommanderError(0, 'commander.helpDisplayed', ''))).toBe('');
});

test('whatever fails after an interruption is but its echo', () => {
  const text = 'Interrupted. Existing files are unchanged.\n';
  expect(describeFailure(new Error('aborted'), true)).toMatchObject({ exitCode: 130, text });
  expect(describeFailure(new BuildError('killed', { exitCode: 5 }), true)).toMatchObject({ exitCode: 130, text });
});

test('everything else is a bug of ours, with its stack', () => {
  const { exitCode, text } = describeFailure(new TypeError('x is not a function'), false);
  expect(exitCode).toBe(1);
  expect(text).toMatch(
    /^TypeError: x is not a function\n {4}at .*\n[^]*\nThis is a bug in coldstart\. Please report it/,
  );
  expect(describeFailure('thrown text', false).text).toMatch(/^thrown text\nThis is a bug/);
});

test('SOURCE_DATE_EPOCH is a whole number of seconds', () => {
  expect([undefined, '', '0', '1700000000'].map((value) => epochFrom(value, 7))).toEqual([7, 7, 0, 1_700_000_000]);
  for (const value of ['-1', '1.5', 'yesterday', '99999999999']) expect(() => epochFrom(value, 7)).toThrow(UsageError);
});
