/**
 * References in comments and documents exist in the repository: files by path, pages by name; decisions are indexed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** What a clone would hold. */
const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() === true);
const pages = new Set(files.filter((path) => path.endsWith('.md')).map((path) => basename(path)));

/** Texts of ours; expected outputs and cases follow from these. */
const texts = files.filter(
  (path) => /\.(ts|js|sh|jq|md|ejs|ya?ml|service|timer)$|^(bin|\.ci)\//.test(path) && !/\/(golden|cases)\//.test(path),
);

/** @param among the lines of programs that count; of documents all do */
function mentions(pattern: RegExp, among = /^/): [place: string, mention: string][] {
  return texts.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => {
        const found = path.endsWith('.md') || among.test(line) ? [...line.matchAll(pattern)] : [];
        return found.map(([mention]): [string, string] => [`${path}:${index + 1}`, mention]);
      }),
  );
}

test('a page that is mentioned by name is there', () => {
  const found = mentions(/(?<![\w/.-])(?:docs\/)?[A-Z][A-Z-]+\.md\b/g);
  expect(found.filter(([, mention]) => !pages.has(basename(mention)))).toEqual([]);
  expect(found.length).toBeGreaterThan(40);
});

/** Of a path of ours, in a document or in a line of comment; `scripts/9990-…` are live-boot's. */
const PATH =
  /(?<![\w/.$}-])(src|test|scripts(?!\/9990)|docs|overlays|templates|examples)(\/[\w.-]+)+\.(ts|md|sh|ejs)\b/g;

test('a source file that is mentioned by path is there', () => {
  const found = mentions(PATH, /^\s*(\/?\*|#|\/\/)/);
  const known = new Set(files);
  expect(found.filter(([, mention]) => !known.has(mention))).toEqual([]);
  expect(found.length).toBeGreaterThan(60);
});

test('no document is mentioned that only its authors had', () => {
  // The last one is this file.
  const found = mentions(/\bDESIGN\b|\bSEED-ERRATA\b|\bthe seed[’']s\b|\bthe mission\b/g);
  expect(found.filter(([place]) => !place.startsWith('test/meta/references'))).toEqual([]);
});

describe('docs/decisions', () => {
  const decisions = files.filter((path) => /^docs\/decisions\/\d/.test(path)).sort();
  const titleOf = (path: string): string => /^# (.*)$/m.exec(textOf(path))?.[1] ?? '';

  test('the numbers have no gap, and the titles repeat them', () => {
    const numbers = decisions.map((path) => Number.parseInt(basename(path), 10));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(decisions.map((path) => Number.parseInt(titleOf(path), 10))).toEqual(numbers);
  });

  test('the index has each of them, in order, with its title', () => {
    const rows = [...textOf('docs/decisions/README.md').matchAll(/^\| (\d+) +\| \[(.*?)\]\((.*?)\) +\| \S.*\|$/gm)];
    expect(rows.map(([, number, title, file]) => [`${number}. ${title}`, file])).toEqual(
      decisions.map((path) => [titleOf(path), basename(path)]),
    );
  });

  test.each(decisions)('%s says context, decision and consequences', (path) => {
    const headings = [...textOf(path).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Context', 'Decision', 'Consequences']);
  });
});
