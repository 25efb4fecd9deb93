/**
 * Rules of the whole repository that no linter checks: sizes of files, and no names or paths of the machines that it is
 * made on.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const MOST_LINES = 250;

/** What is in the index, so what a clone would hold. */
const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() === true);

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function linesWith(pattern: RegExp, among: readonly string[]): string[] {
  return among.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

test('no source file is longer than a reader’s patience', () => {
  const sources = files.filter((path) => /^(src|scripts)\/.*\.(ts|sh)$/.test(path));
  const long = sources.map((path) => [path, textOf(path).split('\n').length - 1] as const);
  expect(long.filter(([, lines]) => lines > MOST_LINES)).toEqual([]);
});

test('every source file begins by saying what it is', () => {
  const sources = files.filter((path) => path.startsWith('src/') && path.endsWith('.ts'));
  expect(sources.filter((path) => !/^\/\*\*/.test(textOf(path)))).toEqual([]);
});

test('no address of a package registry', () => {
  const hosts = ['npmjs', 'yarnpkg', 'npmmirror', 'pypi', 'crates', 'nodesource'].join('|');
  const debian = ['deb', 'ftp', 'security', 'snapshot', 'httpredir'].join('|');
  const pattern = new RegExp(`\\b(${hosts})\\.(org|com|io)\\b|\\b(${debian})\\.debian\\.org\\b|"(resolved)": "http`);
  expect(linesWith(pattern, files)).toEqual([]);
});

test('no path of a machine that it was made on', () => {
  const homes = ['work', 'farm'].map((name) => `/${name}/`).join('|');
  // `/root` and `/home` are also places on a node.
  const pattern = new RegExp(`(^|[\\s'"\`(=:])(${homes}|/home/(?!<)\\w+/\\w|/tmp/(exp|h3|brief))`);
  const allowed = files.filter(
    (path) => !/^(overlays|templates|test\/(node|render|config\/cases)|docs\/(cluster-yaml|diagnostics\/))/.test(path),
  );
  expect(linesWith(pattern, allowed)).toEqual([]);
});

test('no banned words for modules', () => {
  const banned = /(^|\/)(utils?|helpers?|common|manager|misc)(\.|-)[^/]*$/;
  expect(files.filter((path) => path.startsWith('src/') && banned.test(path))).toEqual([]);
});

test('every script of ours can be run', () => {
  const scripts = files.filter((path) => /^(bin\/|\.ci\/run$|scripts\/[^/]*\.sh$)/.test(path));
  const isSourced = (path: string): boolean => !textOf(path).startsWith('#!');
  const wrong = scripts.filter((path) => isSourced(path) === ((statSync(join(ROOT, path)).mode & 0o111) !== 0));
  expect(wrong).toEqual([]);
});

test('every test that vitest.config.ts calls slow is there', () => {
  const named = textOf('vitest.config.ts').match(/test\/[\w/-]+\.test\.ts/g) ?? [];
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((path) => !files.includes(path))).toEqual([]);
});
