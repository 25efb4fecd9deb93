/** The owner of a lab, and whether its process still runs: the note in the run-time folder. */
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { requireMemory } from '../../src/usecases/lab/launch.ts';
import { parseDuration } from '../../src/cli/options/duration.ts';
import { claim, labsIn, ownNote, readPlace, runFolder, runRoot, writeNote } from '../../src/lab/supervisor/place.ts';
import { temporaryFolder } from '../builder/temporary.ts';

const GiB = 1 << 30;

describe('a lab', () => {
  const REFUSED = { message: 'A lab of cluster `lab` is running already.', exitCode: 6 };

  test('is absent, starting, running', async () => {
    const root = await temporaryFolder();
    const run = runFolder(root, 'lab');
    expect(await readPlace(run)).toEqual({ state: 'absent' });
    await claim(run, 'lab');
    expect(await readPlace(run)).toEqual({ state: 'starting' });
    await expect(claim(run, 'lab')).rejects.toMatchObject(REFUSED);
    const note = ownNote('lab', '/out/lab/lab');
    await writeNote(run, note);
    expect(await readPlace(run)).toEqual({ state: 'running', note });
    await expect(claim(run, 'lab')).rejects.toMatchObject(REFUSED);
    await claim(runFolder(root, 'other'), 'other');
    expect(await labsIn(root)).toEqual(['lab', 'other']);
  });

  test.each([
    ['this machine was rebooted', { boot: 'another' }, 'rebooted'],
    ['its process has ended', { pid: 2 ** 22 + 1 }, 'died'],
    ['another process has its number', { started: '1' }, 'died'],
  ])('of which %s is recognised, and gives way', async (_, changes, state) => {
    const run = runFolder(await temporaryFolder(), 'lab');
    await mkdir(run);
    await writeNote(run, { ...ownNote('lab', '/out/lab/lab'), ...changes });
    await writeFile(join(run, 'control'), '');
    expect(await readPlace(run)).toMatchObject({ state });
    await claim(run, 'lab');
    expect(await readdir(run)).toEqual([]);
  });

  test('that never came to life gives way after a minute', async () => {
    const run = runFolder(await temporaryFolder(), 'lab');
    await claim(run, 'lab');
    const before = new Date(Date.now() - 61_000);
    await utimes(run, before, before);
    expect(await readPlace(run)).toEqual({ state: 'absent' });
    await claim(run, 'lab');
  });

  test('is not begun where somebody has put something else', async () => {
    const run = runFolder(await temporaryFolder(), 'lab');
    await writeFile(run, '');
    await expect(claim(run, 'lab')).rejects.toMatchObject({
      exitCode: 6,
      message: `\`${run}\` belongs to another user or is not a folder.`,
    });
  });
});

test('the run-time folder can be chosen, and else belongs to the user', () => {
  expect(runRoot({ COLDSTART_RUN: '/mine' })).toBe('/mine');
  expect(runRoot({})).toMatch(/^(\/run\/user\/\d+|\/tmp)$/);
});

describe('options', () => {
  test.each([
    ['90s', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['14d', 1_209_600],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text, '--for')).toBe(seconds);
  });

  test.each(['', '2', 'h', '0h', '-1h', '2 h', '15d', '1e9s', '1.5h'])('`%s` is no duration', (text) => {
    expect(() => parseDuration(text, '--for')).toThrow(`\`${text}\` is not a duration for --for.`);
  });

  test('memory is counted before anything starts', () => {
    requireMemory(3, 2048, 7 * GiB);
    expect(() => {
      requireMemory(3, 2048, 6 * GiB);
    }).toThrow('A lab of 3 nodes with 2048 MiB each needs 6624 MiB of memory, but 6144 MiB are free.');
  });
});
