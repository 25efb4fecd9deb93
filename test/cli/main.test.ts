/** The program as a process of its own: exit codes, streams, signals. Runs from source, as `dist/` may be out of date. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { makeWorld } from './world.ts';

const ROOT = join(import.meta.dirname, '../..');

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(cwd: string, argv: readonly string[], env: Record<string, string> = {}): Child {
  const loader = join(ROOT, 'node_modules/tsx/dist/loader.mjs');
  return spawn(process.execPath, ['--import', loader, join(ROOT, 'src/main.ts'), ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], COLDSTART_CACHE: join(cwd, 'cache'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const ended = (child: Child): Promise<number | null> => new Promise((resolve) => child.on('close', resolve));

async function run(
  cwd: string,
  ...argv: string[]
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = start(cwd, argv);
  const [exitCode, stdout, stderr] = await Promise.all([ended(child), text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}

test('success, a wrong definition, a wrong call', async () => {
  const { folder, edit } = await makeWorld();
  expect(await run(folder, 'check', 'lab')).toMatchObject({ exitCode: 0, stderr: '' });
  const wrong = await run(folder, 'explain', 'lab', 'etc/hosts', '--node', 'wroker-01');
  expect(wrong).toEqual({
    ...{ exitCode: 2, stdout: '' },
    stderr: 'error: `wroker-01` is no node of cluster `lab`.\n  = hint: did you mean `worker-01`?\n',
  });
  await edit('gateway:', 'gatewai:');
  expect(await run(folder, 'check', 'lab')).toMatchObject({ exitCode: 2, stdout: '' });
});

test('help on stdout, a wrong flag on stderr', async () => {
  const { folder } = await makeWorld();
  const help = await run(folder, 'build', '--help');
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: coldstart build \[options\] \[config\]\n/);
  expect(await run(folder, 'build', '--nod')).toEqual({
    ...{ exitCode: 2, stdout: '' },
    stderr: "error: unknown option '--nod'\n(Did you mean --node?)\n",
  });
});

test('help loads neither the front end nor the builder', async () => {
  const { folder } = await makeWorld();
  const child = start(folder, ['--help'], { NODE_DEBUG: 'esm' });
  const [loaded] = await Promise.all([text(child.stderr), text(child.stdout), ended(child)]);
  expect(loaded).toContain('src/cli/program.ts');
  for (const name of ['node_modules/zod', 'node_modules/yaml', 'node_modules/listr2', 'node_modules/execa']) {
    expect(loaded).not.toContain(name);
  }
});

test('an output folder without a build: exit 7', async () => {
  const { folder } = await makeWorld();
  const { exitCode, stdout, stderr } = await run(folder, 'verify', 'lab');
  expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
  expect(stderr).toMatch(/\nerror: `[^`]*lab` holds no finished build\.\n {2}= hint: /);
});

test('a folder that is not ours to replace: exit 6', async () => {
  const { folder } = await makeWorld();
  expect(await run(folder, 'render', 'lab', '--out', 'lab')).toEqual({
    ...{ exitCode: 6, stdout: '' },
    stderr: `error: \`${join(folder, 'lab')}\` is not replaced: it holds \`cluster.yaml\`, which is no tree of ours.
  = hint: for trees, name another folder with --out
`,
  });
});

test('a reader of stdout that leaves is no failure', async () => {
  const { folder } = await makeWorld();
  const child = start(folder, ['diff', 'lab', '--verbose', '--json', '--log', 'silent']);
  child.stdout.once('data', () => child.stdout.destroy());
  const [exitCode, stderr] = await Promise.all([ended(child), text(child.stderr)]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});
