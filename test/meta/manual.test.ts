/** The manual pages, as the programs read them that show manual pages. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { manualPages } from '../../scripts/docs/manual.ts';

const pages = [...manualPages()];
const has = (program: string): boolean => spawnSync(program, ['-v'], { input: '' }).error === undefined;

test.skipIf(!has('mandoc')).each(pages)('%s has no error', (_, text) => {
  // A page without a date is a warning; with one, each build would differ.
  const { stdout, stderr } = spawnSync('mandoc', ['-T', 'lint', '-W', 'error'], { input: text, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
});

test.skipIf(!has('mandoc'))('shows flags as they are typed, and what stands below them in --help', () => {
  const input = pages.find(([name]) => name === 'coldstart-lab.1')?.[1];
  const { stdout } = spawnSync('mandoc', ['-T', 'utf8', '-O', 'width=120'], { input, encoding: 'utf8' });
  // Bold is a character, a backspace and the character again.
  const shown = stdout.replaceAll(/.[\b]/gu, '');
  expect(shown).toContain('coldstart-lab - Boot a cluster in QEMU on this machine, on a private network');
  expect(shown).toContain('--no-wait');
  expect(shown).toContain('(leave with Ctrl-])');
});

test('has a page for each command, and none for the hidden one', () => {
  const names = pages.map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining(['coldstart.1', 'coldstart-build.1', 'coldstart-secrets.1']));
  expect(names).not.toContain('coldstart-complete.1');
});
