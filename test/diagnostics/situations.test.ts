/** Each code has an example on its page: a case, a situation, or a reason why there is none. `vitest -u` rewrites the texts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeFailure } from '../../src/cli/failure.ts';
import { runCli } from '../../src/cli/program.ts';
import { codes } from '../../src/diagnostics/codes.ts';
import { makeWorld } from '../cli/world.ts';
import { expectedFile, prepare, setModes, situations } from './situations.ts';

const CASES = join(import.meta.dirname, '../config/cases');

/** Only the clock: keys and certificates take real time. */
const setClock = (now: string): void => void vi.useFakeTimers({ toFake: ['Date'], now: new Date(now) });

afterEach(() => {
  vi.useRealTimers();
});

describe.each([...situations])('%s', (code, situation) => {
  test('is printed, with its exact text', async () => {
    const { folder, session, edit } = await makeWorld();
    for (const [from, to] of Object.entries(situation.edit)) await edit(from, to);
    await prepare(folder, situation);
    setClock('2026-11-01T00:00:00Z');
    for (const command of situation.before) await runCli(command.split(' '), session);
    await setModes(folder, situation);
    let printed = '';
    const stderr = { ...session.stderr, write: (text: string) => void (printed += text) };
    setClock(situation.now);
    try {
      await runCli(situation.command.split(' '), { ...session, stderr, now: new Date() });
    } catch (error) {
      printed += describeFailure(error, false).text;
    }
    const found = printed
      .split(/\n(?=error |warning |\n)/)
      .filter((part) => part.trim().match(/^(?:error|warning) (\S+):/)?.[1] === code);
    expect(found, printed).not.toEqual([]);
    await expect(
      `${found
        .join('\n')
        .replaceAll(/[^`\s]*coldstart-test-\w+\//g, '')
        .trimEnd()}\n`,
    ).toMatchFileSnapshot(expectedFile(code));
  });
});

/** Codes without an example, by the reason. */
const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  'only a build says it, after it has looked for its tools and for images of earlier builds': [
    'kubernetes/minor-lowered',
    'kubernetes/minor-skipped',
    'kubernetes/version-skew',
    'lock/unpinned',
    'network/master-moved',
    'network/one-of-masters-moved',
    'secrets/not-issued',
    'secrets/not-shared',
  ],
  'its example would be a definition with Ceph and all its manifests': ['lock/needed-for-drivers'],
  'it needs a device, a pipe or a socket in a folder': ['file/special'],
  'the rules of single settings refuse all values that are known to cause it': [
    'render/illegal-path',
    'render/unrepresentable',
  ],
};

test('every code has an example, or a reason why it has none', () => {
  const without = Object.values(WITHOUT).flat();
  const lacking = Object.keys(codes).filter((code) => !existsSync(join(CASES, code)) && !situations.has(code));
  expect(lacking.toSorted()).toEqual(without.toSorted());
  expect([...situations.keys()].filter((code) => !(code in codes) || existsSync(join(CASES, code)))).toEqual([]);
});
