/**
 * Nothing is lost in silence. For every value of every definition here: if another value stands there, the new definition is
 * another one, or the value is named in what is said, or it is known not to be needed.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, visit, type Scalar } from 'yaml';
import { expect, test } from 'vitest';
import { importTexts, textsOf, type Texts } from './world.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'expected')
  .map(({ name }) => name)
  .sort();

interface Place {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly value: unknown;
}

/** All scalar values in YAML files, also in YAML inside of texts. */
function placesIn(file: string, text: string): readonly Place[] {
  const found: Place[] = [];
  for (const document of parseAllDocuments(text)) {
    visit(document, {
      Scalar: (key, node: Scalar) => {
        if (key === 'key' || !node.range) return;
        const [start, end] = [node.range[0], node.range[1]];
        if (node.type === 'BLOCK_LITERAL') return void found.push(...placesInside(file, text, start, node));
        found.push({ file, start, end, ...positionOf(text, start), value: node.value });
      },
    });
  }
  return found;
}

/** The values of TOML and of key files: numbers and letters behind a `=`. */
function placesInLines(file: string, text: string): readonly Place[] {
  return [...text.matchAll(/^\s*[\w-]+ *= *("?)([^"#\n]*[^"#\s])/gm)].map(({ index, 0: whole, 2: value = '' }) => {
    const start = index + whole.length - value.length;
    const quote = whole.at(-value.length - 1) === '"' ? 1 : 0;
    return { file, start, end: start + value.length, ...positionOf(text, start - quote), value };
  });
}

/** The values in a text that is YAML itself, e.g. a patch. */
function placesInside(file: string, text: string, start: number, node: Scalar): readonly Place[] {
  const first = text.indexOf('\n', start) + 1;
  const indent = /^ */.exec(text.slice(first))?.[0].length ?? 0;
  const inner = String(node.value);
  if (!/^\s*(- )?[\w.]+:/m.test(inner) || inner.includes(' = ')) return [];
  const offsetOf = (offset: number): number => {
    const { line, column } = positionOf(inner, offset);
    const before = text
      .slice(first)
      .split('\n')
      .slice(0, line - 1);
    return first + before.join('\n').length + (before.length > 0 ? 1 : 0) + indent + column - 1;
  };
  return placesIn(file, inner).map((place) => {
    const at = offsetOf(place.start);
    return { ...place, start: at, end: at + place.end - place.start, ...positionOf(text, at) };
  });
}

function positionOf(text: string, offset: number) {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

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
