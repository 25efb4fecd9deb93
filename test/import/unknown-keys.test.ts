/**
 * A setting that nobody has heard of is never lost in silence: wherever it stands in a definition, it is named, counted among the
 * settings that are not needed with a reason, or passed through to a program that reads it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Gap, gapsIn, positionOf } from './places.ts';
import { importTexts, textsOf, type Texts } from './world.ts';

const KEY = 'unheardOf';
const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'expected')
  .map(({ name }) => name)
  .sort();

test.each(folders)('%s: a further key at any place is named', (name) => {
  const texts = textsOf(join(import.meta.dirname, name));
  const files = Object.keys(texts).filter((file) => /\.ya?ml$/.test(file));
  const gaps = files.flatMap((file) => gapsIn(texts[file] ?? '').map((gap, index) => ({ file, gap, key: `${KEY}${String(index)}x` }))); // prettier-ignore
  expect(gaps.length).toBeGreaterThanOrEqual(files.length);
  // All at once is quick; the few that are part of something that is named as a whole are looked at one by one.
  const all = saidOf({ ...texts, ...Object.fromEntries(files.map((file) => [file, filled(texts[file] ?? '', gaps.filter((one) => one.file === file))])) }); // prettier-ignore
  const silent = gaps
    .filter(({ key }) => !all.includes(key))
    .filter(({ file, gap, key }) => {
      const text = texts[file] ?? '';
      const { line } = positionOf(text, gap.at);
      return !isNamed({ ...texts, [file]: filled(text, [{ gap, key }]) }, file, line);
    });
  expect(silent.map(({ file, gap }) => `${file}:${String(positionOf(texts[file] ?? '', gap.at).line)}`)).toEqual([]);
});

/** A text with further keys. */
function filled(text: string, keys: readonly { readonly gap: Gap; readonly key: string }[]): string {
  const ordered = keys.toSorted((a, b) => b.gap.at - a.gap.at);
  return ordered.reduce((whole, { gap, key }) => whole.slice(0, gap.at) + gap.written(`${key}: made-up`) + whole.slice(gap.at), text); // prettier-ignore
}

/** All that an import says and writes. */
function saidOf(texts: Texts): string {
  const { diagnostics, without, written } = importTexts(texts);
  return [...diagnostics.map(({ message }) => message), ...without.map(({ path }) => path), ...Object.values(written)].join('\n'); // prettier-ignore
}

/** Whether the key in a line is named, or the value or file of which it is a part. */
function isNamed(texts: Texts, file: string, line: number): boolean {
  const { diagnostics, without } = importTexts(texts);
  const isHere = (at: { readonly line: number; readonly file: string }): boolean => at.file === file && at.line === line;
  return without.some(isHere) || diagnostics.some(({ code, at }) => at?.file === file && code === 'import/file-not-brought');
} // prettier-ignore
