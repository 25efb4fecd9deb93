/**
 * The import rule, for every file: an earlier room (`rooms.json`) never imports a later one, and only the late rooms have effects.
 * eslint checks the same; this test also checks dynamic imports.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** In the order of the import rule; the last is a file. */
const LAYERS = (JSON.parse(readFileSync(join(import.meta.dirname, 'rooms.json'), 'utf8')) as string[]).map((room) =>
  room === 'main' ? 'main.ts' : room,
);
/** Pure, but for the one reader of the user's files. */
const PURE = ['diagnostics', 'config', 'render'];
const READERS = ['src/config/files/definition-folder.ts'];
/** Of `node:path`, `join` and its like put names together; only `resolve` and `relative` ask the process. */
const PURE_NODE_MODULES = ['node:crypto', 'node:util', 'node:buffer', 'node:path'];
const EFFECTS_OF_PACKAGES = ['execa', 'listr2', 'commander', 'tar-stream'];

const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path}`)
  .sort();

/** Static, type-only and dynamic imports alike. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:^import|^export|^\} from|\bimport\()[^'\n]*'([^']+)'/gm)].map(([, name = '']) => name);
}

const layerOf = (file: string): string => file.split('/')[1] ?? '';
const target = (file: string, name: string): string => relative(ROOT, resolve(ROOT, file, '..', name));

test('every folder of src/ has its place in the order', () => {
  expect([...new Set(files.map(layerOf))].filter((layer) => !LAYERS.includes(layer))).toEqual([]);
});

test('imports point one way', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => target(file, name))
      .filter((other) => LAYERS.indexOf(layerOf(other)) > LAYERS.indexOf(layerOf(file)))
      .map((other) => `${file} imports ${other}`),
  );
  expect(wrong).toEqual([]);
});

describe('the pure part', () => {
  const pure = files.filter((file) => PURE.includes(layerOf(file)) && !READERS.includes(file));

  test('imports nothing that has effects', () => {
    const wrong = pure.flatMap((file) =>
      importsOf(file)
        .filter((name) => (name.startsWith('node:') ? !PURE_NODE_MODULES.includes(name) : isEffect(name)))
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('asks neither the clock nor chance nor the process', () => {
    const ambient =
      /\{[^}]*\b(resolve|relative)\b[^}]*\} from 'node:path'|\bprocess\.|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandom(UUID|Bytes|Int)\(|\bfetch\(/;
    expect(pure.filter((file) => ambient.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });
});

function isEffect(name: string): boolean {
  return EFFECTS_OF_PACKAGES.includes(name) || ['fs', 'os', 'net', 'http', 'https', 'child_process'].includes(name);
}

test('programs are started in three places only: those of a build, those that outlive a step, and the server itself', () => {
  const starters = files.filter((file) => importsOf(file).some((name) => /^(execa|(node:)?child_process)$/.test(name)));
  expect(starters).toEqual([
    'src/builder/system/run.ts',
    'src/lab/supervisor/start.ts',
    'src/serve/http/front-process.ts',
  ]);
});

test('the process ends in one place only', () => {
  const enders = files.filter((file) => /\bprocess\.(exit\(|exitCode\b)/.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(enders).toEqual(['src/main.ts']);
});
