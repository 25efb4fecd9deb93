/**
 * Lint rules: typescript-eslint's type-checked set, and the project's import rule: rooms in the order of
 * `test/meta/rooms.json`; only the back end has effects.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const effects = ['fs', 'fs/promises', 'os', 'process', 'net', 'http', 'https', 'dns', 'worker_threads'].flatMap(
  (name) => [name, `node:${name}`],
);
const childProcess = ['child_process', 'node:child_process', 'execa'];

/** A room of src/ imports only those before it; `test/meta/imports.test.ts` says the same of dynamic imports. */
const ROOMS = JSON.parse(readFileSync(join(import.meta.dirname, 'test/meta/rooms.json'), 'utf8'));

/** Keeps the files of a room from importing these modules, and the rooms after it. */
const imports = (names, room) => ({
  'no-restricted-imports': [
    'error',
    {
      paths: names.map((name) => ({
        name,
        message:
          'Effects live in src/builder; subprocesses in src/builder/system/run.ts, src/lab/supervisor/start.ts and src/serve/http/front-process.ts alone.',
      })),
      patterns: ROOMS.slice(ROOMS.indexOf(room) + 1).map((later) => ({
        regex: `^(\\.\\./)+${later}(/|\\.ts$)`,
        message: `Imports point one way: ${ROOMS.join(' <- ')}.`,
      })),
    },
  ],
});

const noAmbient = {
  'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval'],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'The clock is a parameter.' },
    { object: 'Math', property: 'random', message: 'Randomness is a parameter.' },
    { object: 'crypto', property: 'randomUUID', message: 'Randomness is a parameter.' },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'The clock is a parameter.' },
    { selector: "CallExpression[callee.name='Date']", message: 'The clock is a parameter.' },
  ],
};

export default defineConfig(
  { ignores: ['dist/', 'out/', 'node_modules/', 'coverage/', '**/expected/', '.cache/', '.*.unfinished/'] },
  eslint.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', 'bin/*.js', 'scripts/*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['src/**/*.ts'], rules: imports(childProcess, 'main') },
  ...['diagnostics', 'config', 'pki', 'render'].map((room) => ({
    files: [`src/${room}/**`],
    rules: { ...imports([...childProcess, ...effects], room), ...noAmbient },
  })),
  { files: ['src/config/files/definition-folder.ts'], rules: imports(childProcess, 'config') },
  {
    files: ['src/pki/store/{identities,store,atomic-write}.ts'],
    rules: { ...imports(childProcess, 'pki'), 'no-restricted-properties': 'off' },
  },
  ...['builder', 'serve', 'lab', 'usecases'].map((room) => ({
    files: [`src/${room}/**`],
    rules: imports(childProcess, room),
  })),
  { files: ['src/builder/system/run.ts'], rules: imports([], 'builder') },
  { files: ['src/serve/http/front-process.ts'], rules: imports([], 'serve') },
  { files: ['src/lab/supervisor/start.ts'], rules: imports([], 'lab') },
  {
    files: ['scripts/**', 'test/**'],
    rules: { 'no-console': 'off', 'max-lines-per-function': 'off', 'max-lines': 'off' },
  },
  { files: ['*.js', 'bin/**', 'scripts/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  prettier,
);
