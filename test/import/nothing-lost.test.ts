/**
 * Nothing is lost in silence. For every value of every definition here: if another value stands there, the new definition is
 * another one, or the value is named in what is said, or it is known not to be needed.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Place, placesIn, placesInLines } from './places.ts';
import { importTexts, textsOf, type Texts } from './world.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'expected')
  .map(({ name }) => name)
  .sort();

/** Another value of the same kind. */
function another(value: unknown): string {
  if (typeof value === 'boolean') return String(!value);
  if (typeof value === 'number') return String(value + 1);
  const text = String(value);
  const address = /^(\d+\.\d+\.)(\d+)(\.\d+.*)$/.exec(text);
  if (address) return `'${address[1] ?? ''}${Number(address[2]) ^ 1}${address[3] ?? ''}'`;
  if (/^(..:){5}..$/.test(text)) return `'${text.slice(0, -1)}${text.endsWith('f') ? 'e' : 'f'}'`;
  return `'x${text.replaceAll("'", "''")}'`;
}

test.each(folders)('%s: each value is brought, named, or known not to be needed', (name) => {
  const texts = textsOf(join(import.meta.dirname, name));
  const before = importTexts(texts);
  const without = new Set(before.without.map(({ file, line, column }) => `${file}:${line}:${column}`));
  const lost = before.diagnostics.flatMap(({ code, at }) =>
    code === 'import/file-not-brought' && at ? [at.file] : [],
  );
  const silent = Object.entries(texts)
    .filter(([file]) => !lost.includes(file))
    .flatMap(([file, text]) => (/\.ya?ml$/.test(file) ? placesIn(file, text) : placesInLines(file, text)))
    .filter(({ file, line, column }) => !without.has(`${file}:${line}:${column}`))
    .filter((place) => isSame(before, texts, place))
    .map(({ file, line, value }) => `${file}:${line}: ${String(value)}`);
  expect(silent).toEqual([]);
});

function isSame(before: ReturnType<typeof importTexts>, texts: Texts, { file, start, end, value }: Place): boolean {
  const text = texts[file] ?? '';
  const changed = {
    ...texts,
    [file]:
      text.slice(0, start) +
      (/\.ya?ml$/.test(file) ? another(value) : another(value).replaceAll("'", '')) +
      text.slice(end),
  };
  try {
    const after = importTexts(changed);
    const said = (one: typeof before): string =>
      JSON.stringify(one.diagnostics.map(({ code, message }) => [code, message]));
    return JSON.stringify(after.written) === JSON.stringify(before.written) && said(after) === said(before);
  } catch {
    return false;
  }
}
