/** The files in the package of `npm pack`, beside the compiled program: the tracked files that users need. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const [{ files }] = JSON.parse(run('npm', 'pack', '--dry-run', '--ignore-scripts', '--json')) as [
  { files: { path: string }[] },
];
const packed = files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'));
const known = run('git', 'ls-files', '-z').split('\0');

test('nothing that git does not know: no keys, no images', () => {
  expect(packed.filter((path) => !known.includes(path))).toEqual([]);
});

test('no tests, and nothing that only development needs', () => {
  const folders = ['bin', 'docs', 'examples', 'man', 'overlays', 'pages', 'scripts', 'templates'];
  expect([...new Set(packed.filter((path) => path.includes('/')).map((path) => path.split('/')[0]))].sort()).toEqual(
    folders,
  );
});

test('every file that the program reads beside itself', () => {
  const sources = known.filter((path) => /^src\/.*\.ts$/.test(path));
  const read = sources.flatMap((source) =>
    [...readFileSync(join(ROOT, source), 'utf8').matchAll(/new URL\('(\.[^']*[^./])\/?', import/g)]
      .map(([, path = '']) => posix.join(posix.dirname(source), path))
      .filter((path) => !path.startsWith('src/')),
  );
  expect(read).toContain('package.json');
  expect(read.filter((path) => !packed.some((file) => `${file}/`.startsWith(`${path}/`)))).toEqual([]);
});
