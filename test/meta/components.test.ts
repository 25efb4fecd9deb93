/** The GitHub Action and the GitLab component: their inputs agree with their steps and with docs/CI.md, and their scripts run. */
import { chmod, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../builder/temporary.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Inputs {
  readonly [name: string]: { readonly description: string; readonly default: string | boolean };
}

const ACTION = await read('action.yml');
const action = parse(ACTION) as {
  readonly inputs: Inputs;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
};
const COMPONENT = await read('templates/coldstart.yml');
const [head, body] = parseAllDocuments(COMPONENT, { strict: true, uniqueKeys: true });
const inputs = (head?.toJS() as { readonly spec: { readonly inputs: Inputs } }).spec.inputs;
interface Job {
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}
const jobsWith = (values: Readonly<Record<string, string>> = {}): Readonly<Record<string, Job>> => {
  const text = COMPONENT.slice(COMPONENT.indexOf('\n---\n') + 5);
  const filled = text.replaceAll(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name: string) => String(values[name] ?? inputs[name]?.default)); // prettier-ignore
  return parse(filled) as Readonly<Record<string, Job>>;
};

test.each([
  ['action.yml', Object.keys(action.inputs), ACTION.slice(ACTION.indexOf('\nruns:')), /\binputs\.([\w-]+)/g],
  ['templates/coldstart.yml', Object.keys(inputs), String(body), /\$\[\[ inputs\.([\w-]+) \]\]/g],
] as const)(
  '%s uses each of its inputs and no other, and docs/CI.md describes them',
  async (file, names, text, use) => {
    const used = [...text.matchAll(use)].map(([, name = '']) => name);
    expect(new Set(used)).toEqual(new Set(names));
    const section = (await read('docs/CI.md')).split(/^## /m).find((part) => part.includes(`\`${file}\``)) ?? '';
    const described = [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name = '']) => name);
    expect(names.filter((name) => !described.includes(name))).toEqual([]);
  },
);

test('the steps of the action take values from variables, and its outputs from its steps', () => {
  for (const step of action.runs.steps) {
    expect(step.run ?? '').not.toContain('${{');
    if (step.run !== undefined) expect(step.shell).toBe('bash');
    if (step.uses !== undefined) expect(step.uses).toMatch(/^actions\/[\w-]+@v\d+$/);
  }
  for (const { value } of Object.values(action.outputs)) {
    const [, id, name] = /^\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}$/.exec(value) ?? [];
    expect(action.runs.steps.find((step) => step.id === id)?.run).toContain(`${name}=%s`);
  }
});

test('the programs that both call are there', async () => {
  const called = [...`${ACTION}${COMPONENT}`.matchAll(/\/((?:bin|scripts)\/[\w.-]+)"/g)].map(([, path = '']) => path);
  expect(new Set(called)).toEqual(new Set(['bin/coldstart', 'bin/build-iso', 'scripts/install-tools.sh']));
  for (const path of called) await expect(stat(join(ROOT, path))).resolves.toBeTruthy();
});

/** A repository with two commits: the second gives a node another address. The program stands beside it, run from source. */
async function repository() {
  const folder = await temporaryFolder();
  const [program, work] = [join(folder, 'program'), join(folder, 'work')];
  await mkdir(join(program, 'bin'), { recursive: true });
  const launcher = `#!/bin/sh\nexec node --import ${join(ROOT, 'node_modules/tsx/dist/loader.mjs')} ${join(ROOT, 'src/main.ts')} "$@"\n`;
  await writeFile(join(program, 'bin/coldstart'), launcher);
  await chmod(join(program, 'bin/coldstart'), 0o755);
  await cp(join(ROOT, 'examples/quick-start'), join(work, 'cluster'), { recursive: true });
  const git = async (...words: readonly string[]): Promise<string> =>
    (await execa('git', ['-c', 'user.name=x', '-c', 'user.email=x@example', ...words], { cwd: work })).stdout;
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(work, 'README.md'), 'Definitions.\n');
  await git('add', 'README.md');
  await git('commit', '--quiet', '--message=empty');
  const empty = await git('rev-parse', 'HEAD');
  await git('add', '.');
  await git('commit', '--quiet', '--message=before');
  const base = await git('rev-parse', 'HEAD');
  const file = join(work, 'cluster/cluster.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('192.168.50.22', '192.168.50.23'));
  return { folder, program, work, empty, base };
}

type Repository = Awaited<ReturnType<typeof repository>>;

const bash = (script: string, { work, folder }: Repository, env: Readonly<Record<string, string>>) =>
  execa('bash', ['-eo', 'pipefail', '-c', script], {
    ...{ cwd: work, reject: false, stdin: 'ignore', extendEnv: false },
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, CI: 'true', ...env },
  });

describe('the action', () => {
  const step = (name: string): string => action.runs.steps.find((one) => one.name === name)?.run ?? '';
  async function compared(made: Repository, base: string) {
    const outputs = { GITHUB_OUTPUT: join(made.folder, 'output'), GITHUB_STEP_SUMMARY: join(made.folder, 'summary') };
    const env = { ACTION: made.program, CONFIG: 'cluster', BASE: base, RUNNER_TEMP: made.folder, ...outputs };
    const { exitCode, stderr } = await bash(step('Show what changes on every node'), made, env);
    expect([exitCode, exitCode === 0 || stderr]).toEqual([0, true]);
    const [, changes = ''] = /^changes=(.*)\n$/.exec(await readFile(outputs.GITHUB_OUTPUT, 'utf8')) ?? [];
    expect(await readFile(outputs.GITHUB_STEP_SUMMARY, 'utf8')).toBe(await readFile(changes, 'utf8'));
    return readFile(changes, 'utf8');
  }

  test('checks', async () => {
    const made = await repository();
    const env = { ACTION: made.program, CONFIG: 'cluster', STRICT: 'true' };
    expect(await bash(step('Check the definition'), made, env)).toMatchObject({ exitCode: 0 });
    await writeFile(join(made.work, 'cluster/cluster.yaml'), 'cluster: {}\n');
    expect(await bash(step('Check the definition'), made, env)).toMatchObject({ exitCode: 2 });
  });

  test('shows what changes, and leaves no second work tree', async () => {
    const made = await repository();
    const changes = await compared(made, made.base);
    expect(changes).toContain('worker-02');
    expect(changes).toContain('192.168.50.23');
    expect((await execa('git', ['worktree', 'list'], { cwd: made.work })).stdout.split('\n')).toHaveLength(1);
  });

  test('says that a definition is new', async () => {
    const made = await repository();
    expect(await compared(made, made.empty)).toBe('The definition is new.\n');
  });
});

describe('the component', () => {
  const varsOf = (made: Repository): Record<string, string> => ({
    ...jobsWith({ program: made.program })['.coldstart']?.variables,
    CI_PROJECT_DIR: made.work,
  });
  const scriptOf = (job: string): string => jobsWith()[job]?.script?.join('\n') ?? '';

  test('checks', async () => {
    const made = await repository();
    expect(await bash(scriptOf('coldstart-check'), made, varsOf(made))).toMatchObject({ exitCode: 0 });
    await writeFile(join(made.work, 'cluster/cluster.yaml'), 'cluster: {}\n');
    expect(await bash(scriptOf('coldstart-check'), made, varsOf(made))).toMatchObject({ exitCode: 2 });
  });

  test.each([
    ['base', '192.168.50.23'],
    ['empty', 'The definition is new.'],
  ] as const)('shows what changes since %s', async (commit, text) => {
    const made = await repository();
    const env = { ...varsOf(made), CI_MERGE_REQUEST_DIFF_BASE_SHA: made[commit] };
    const { exitCode, stdout } = await bash(scriptOf('coldstart-review'), made, env);
    expect([exitCode, stdout.includes(text)]).toEqual([0, true]);
    expect(await readFile(join(made.work, 'changes.md'), 'utf8')).toContain(text);
  });

  test('clones the program where the repository does not contain it', async () => {
    const made = await repository();
    const [clone = ''] = jobsWith()['.coldstart']?.before_script ?? [];
    const env = { ...varsOf(made), COLDSTART_PROGRAM: join(made.folder, 'cloned'), COLDSTART_SOURCE: made.work };
    expect(await bash(clone, made, env)).toMatchObject({ exitCode: 0 });
    await expect(stat(join(made.folder, 'cloned/cluster/cluster.yaml'))).resolves.toBeTruthy();
  });
});
