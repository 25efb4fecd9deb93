/** Trees that are written by threads. Compiles the writer, as it starts no threads from TypeScript. */
import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../builder/temporary.ts';

const ROOT = join(import.meta.dirname, '../..');
const COUNT = 100;
let compiled = '';

beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'coldstart-test-'));
  const files = ['test/usecases/write-many.ts', 'src/builder/output/writer-thread.ts'].map((name) => join(ROOT, name));
  const compilerOptions = { noEmit: false, noCheck: true, rootDir: ROOT, outDir: compiled, types: [] };
  const project = join(compiled, 'tsconfig.json');
  await writeFile(
    project,
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [], files }),
  );
  await writeFile(join(compiled, 'package.json'), JSON.stringify({ type: 'module' }));
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['--project', project], { stdio: 'inherit' });
});

afterAll(() => rm(compiled, { recursive: true }));

const write = (folder: string, count: number): unknown => {
  const script = join(compiled, 'test/usecases/write-many.js');
  return JSON.parse(execFileSync(process.execPath, [script, folder, String(count)], { encoding: 'utf8' }));
};

test('threads write the same as one', async () => {
  const [few, many] = [await temporaryFolder(), await temporaryFolder()];
  expect([write(few, 2), write(many, COUNT)]).toEqual([[], []]);
  for (const path of ['inventory.txt', 'tree/etc/own', 'tree/etc/shared', 'tree/key']) {
    const read = (folder: string): Promise<string> => readFile(join(folder, 'node-1', path), 'utf8');
    expect(await read(many)).toBe(await read(few));
  }
  const nodes = Array.from({ length: COUNT }, (_, index) => `node-${String(index)}`);
  expect((await readdir(many)).toSorted()).toEqual(nodes.toSorted());
  const own = await Promise.all(nodes.map((node) => readFile(join(many, node, 'tree/etc/own'), 'utf8')));
  expect(own).toEqual(nodes);
  const shared = await Promise.all(nodes.map((node) => lstat(join(many, node, 'tree/etc/shared'))));
  expect(new Set(shared.map(({ ino }) => ino)).size).toBeLessThanOrEqual(4); // one for each thread
});

test('a thread that cannot write says what and why, and so for its further nodes', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'node-42'), 'a file where a folder belongs');
  const errors = write(folder, COUNT) as object[];
  const expected = { code: 'ENOTDIR', syscall: 'mkdir', path: join(folder, 'node-42/tree') };
  expect(errors.length).toBeGreaterThan(1);
  expect(errors).toEqual(errors.map(() => expect.objectContaining(expected) as unknown));
});
