import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileTree } from '../../src/render/tree/tree.ts';
import { StagedTrees } from '../../src/usecases/review/staged-trees.ts';
import { temporaryFolder } from '../builder/temporary.ts';

const PLAN = { cluster: 'lab', shared: {}, nodes: [] };
const { signal } = new AbortController();
const tree = (content: string, path = 'file'): FileTree => {
  const origin = { kind: 'setting' as const, source: 'cluster', settings: [] };
  const of = { mode: 0o644, uid: 0, gid: 0, secret: false, origin };
  return [{ type: 'file', path, content: new TextEncoder().encode(content), ...of }];
};
const open = (folder: string): Promise<StagedTrees> => StagedTrees.open({ folder, withSecrets: false, nodes: 1 });

test('what was not published leaves nothing, also no folder above it', async () => {
  const root = await temporaryFolder();
  const staged = await open(join(root, 'out/of/lab'));
  staged.write('node', tree('new'));
  await staged.close();
  expect(await readdir(root)).toEqual([]);
});

test('what was published replaces the former trees', async () => {
  const root = await temporaryFolder();
  const folder = join(root, 'out/lab');
  for (const [node, content] of [
    ['former', 'old'],
    ['node', 'new'],
  ] as const) {
    const staged = await open(folder);
    staged.write(node, tree(content));
    await staged.publish(PLAN, signal);
    await staged.close();
  }
  expect(await readdir(join(root, 'out'))).toEqual(['lab']);
  expect((await readdir(folder)).toSorted()).toEqual(['node', 'plan.json']);
  expect(await readFile(join(folder, 'node/tree/file'), 'utf8')).toBe('new');
});

test('a node that cannot be written: the former trees stay', async () => {
  const root = await temporaryFolder();
  const first = await open(join(root, 'lab'));
  first.write('node', tree('old'));
  await first.publish(PLAN, signal);
  await first.close();
  const staged = await open(join(root, 'lab'));
  staged.write('node', tree('new'));
  staged.write('node', tree('below a file', 'file/below'));
  await expect(staged.publish(PLAN, signal)).rejects.toMatchObject({ code: 'EEXIST' });
  await staged.close();
  expect(await readdir(root)).toEqual(['lab']);
  expect(await readFile(join(root, 'lab/node/tree/file'), 'utf8')).toBe('old');
});

test('a folder with files of others is refused, also when they came meanwhile', async () => {
  const folder = join(await temporaryFolder(), 'lab');
  const staged = await open(folder);
  await mkdir(folder);
  await writeFile(join(folder, 'mine'), '');
  await expect(staged.publish(PLAN, signal)).rejects.toMatchObject({ exitCode: 6 });
  await staged.close();
  await expect(open(folder)).rejects.toMatchObject({ exitCode: 6 });
  expect(await readdir(folder)).toEqual(['mine']);
});
