/** One definition of each format, as a whole: the new files, what is said of the old ones, and what `check` says of the result. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { check, importTexts, textsOf } from './world.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'expected')
  .map(({ name }) => name)
  .sort();

describe.each(folders)('%s', (name) => {
  const { written, report, skipped, diagnostics } = importTexts(textsOf(join(import.meta.dirname, name)));

  test('gives the definition that its owner would have written', async () => {
    const files = Object.entries(written).map(([path, text]) => `--- ${path}\n${text}`);
    const notNeeded = skipped.map(({ at, reason }) => `${at.file}:${at.line}: ${reason}\n`);
    const findings = (await check(written)).map((line) => `${line}\n`);
    const whole = [...files, '=== said\n', report, '=== not needed\n', ...notNeeded, '=== check\n', ...findings];
    await expect(whole.join('')).toMatchFileSnapshot(join(import.meta.dirname, 'expected', `${name}.txt`));
  });

  test('no secret is in the new files, nor in what is said', () => {
    expect(
      [...Object.values(written), report, JSON.stringify(diagnostics), JSON.stringify(skipped)].join(),
    ).not.toMatch(/made-up-too|bWFkZSB1cCBm|password = made-up/);
  });
});
