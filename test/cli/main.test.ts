/**
 * The program in a process of its own: exit codes, streams, signals. Runs from source, as `dist/` may be out of date.
 */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
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
    stderr: 'error: `wroker-01` is not a node of cluster `lab`.\n  = hint: did you mean `worker-01`?\n',
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
  expect(stderr).toMatch(/\nerror: `[^`]*lab` contains no finished build\.\n {2}= hint: /);
});

test('a folder that is not ours to replace: exit 6', async () => {
  const { folder } = await makeWorld();
  expect(await run(folder, 'render', 'lab', '--out', 'lab')).toEqual({
    ...{ exitCode: 6, stdout: '' },
    stderr: `error: \`${join(folder, 'lab')}\` is not replaced: it contains \`cluster.yaml\`, which \`render\` has not written.
  = hint: choose another folder with --out
`,
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it even while the kernel keeps it waiting', async (signal) => {
  const { folder } = await makeWorld();
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  // A thread of the program reads a pipe that nobody writes to.
  const child = start(
    folder,
    ['check', 'lab'],
    soon(`import('node:fs').then(({ readFile }) => readFile('pipe', () => {}))`),
  );
  const writer = await openForReader(join(folder, 'pipe'));
  child.kill(signal);
  const by = await new Promise((resolve) => child.on('close', (_, name) => resolve(name)));
  await writer.close();
  expect(by).toBe('SIGINT');
});

/** Opens a pipe for writing, once somebody reads it: within a minute. */
async function openForReader(path: string): Promise<FileHandle> {
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(50)) {
    const handle = await open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => null);
    if (handle) return handle;
  }
  throw new Error(`nobody reads ${path}`);
}

test('a reader of stdout that leaves is no failure', async () => {
  const { folder } = await makeWorld();
  const child = start(folder, ['diff', 'lab', '--verbose', '--json', '--log', 'silent']);
  child.stdout.once('data', () => child.stdout.destroy());
  const [exitCode, stderr] = await Promise.all([ended(child), text(child.stderr)]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

/** Something that happens once the program has begun to listen to signals. */
const meanwhile = (code: string): Record<string, string> => {
  const script = `process.on('newListener', (name) => { if (name === 'SIGTERM') { ${code} } });`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` };
};
const soon = (code: string): Record<string, string> => meanwhile(`setTimeout(() => { ${code} }, 1);`);

test.each([
  ['a good end', ['check', 'lab'], {}, 0],
  ['a warning of Node', ['check', 'lab'], soon(`process.emitWarning('odd\\nthing')`), 0],
  ['a wrong flag', ['check', '--nod'], {}, 2],
  ['no such command', ['biuld'], {}, 2],
  ['a missing file', ['check', 'nowhere'], {}, 2],
  ['a node that is not there', ['render', 'lab', '--node', 'x'], {}, 2],
  ['a folder that is not ours', ['render', 'lab', '--out', 'lab'], {}, 6],
  ['an output folder without a build', ['verify', 'lab'], {}, 7],
  ['nothing to compare with', ['diff', 'lab'], {}, 0],
  ['a bug of ours', ['check', 'lab'], meanwhile(`process.cwd = () => { throw new Error('broken'); }`), 1],
  ['an interruption', ['check', 'lab'], soon(`process.kill(process.pid, 'SIGTERM')`), 0],
  ['a bug of ours that nobody waits for', ['check', 'lab'], soon(`throw new Error('late')`), 1],
])('with --log json, every line of stderr is JSON: %s', async (_, argv, env, expected) => {
  const { folder } = await makeWorld();
  const child = start(folder, [...argv, '--log', 'json', '--json'], env);
  const [exitCode, stderr, stdout] = await Promise.all([ended(child), text(child.stderr), text(child.stdout)]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: expected });
  const records = (from: string) =>
    from
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { type: string });
  records(stdout);
  const types = records(stderr).map(({ type }) => type);
  // What the user got wrong in the definition is told with --json on stdout.
  const isSaid = types.includes('failure') || records(stdout).some(({ type }) => type === 'diagnostic');
  expect(isSaid).toBe(expected !== 0);
});
