/** Completion as users meet it: the real shells, with the scripts that `coldstart completion` prints. */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../builder/temporary.ts';
import { makeWorld } from './world.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('the words that may come next', () => {
  const after = async (...words: string[]): Promise<string[]> => {
    const { run, session, folder } = await makeWorld();
    Object.assign(session, { cwd: join(folder, 'lab') });
    const { exitCode, stdout, stderr } = await run('complete', '--', ...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? '']));
  };

  test('commands, but not the hidden one', async () => {
    expect(await after('')).toEqual(expect.arrayContaining(['check', 'build', 'secrets', 'completion']));
    expect(await after('')).not.toContain('complete');
    expect(await after('bu')).toEqual(['build']);
    expect(await after('--v')).toEqual(['--version']);
  });

  test('options: each once, but those that may be repeated', async () => {
    expect(await after('build', '--lock')).toEqual(['--locked']);
    expect(await after('build', '--locked', '--lock')).toEqual([]);
    expect(await after('build', '--node', 'worker-01', '--no')).toEqual(['--node']);
  });

  test('values of options: choices and names of nodes', async () => {
    expect(await after('check', '--log', '')).toEqual(['auto', 'plain', 'json', 'silent']);
    expect(await after('build', '--node', '')).toEqual(['master-01', 'worker-01']);
    expect(await after('build', '../lab', '--node', 'w')).toEqual(['worker-01']);
    expect(await after('build', '--node=w')).toEqual(['--node=worker-01']);
    expect(await after('build', '--node', '=', 'w')).toEqual(['worker-01']);
    expect(await after('build', '--node', '=')).toEqual(['master-01', 'worker-01']);
  });

  test('arguments: choices and names of nodes', async () => {
    expect(await after('secrets', '')).toEqual(['show', 'issue', 'rotate']);
    expect(await after('lab', 'console', 'm')).toEqual(['master-01']);
  });

  test('nothing where a file belongs, where nothing is known, and with a broken definition', async () => {
    expect(await after('check', '')).toEqual([]);
    expect(await after('build', '--out', '')).toEqual([]);
    expect(await after('frobnicate', '')).toEqual([]);
    expect(await after('build', 'nowhere', '--node', '')).toEqual([]);
  });
});

describe('in a shell', () => {
  const inShell = async (shell: string, call: readonly string[], script: string): Promise<string[]> => {
    const bin = await temporaryFolder();
    const lab = join(bin, 'lab');
    await mkdir(lab);
    await writeFile(join(lab, 'a-file.yaml'), '');
    const loader = join(ROOT, 'node_modules/tsx/dist/loader.mjs');
    const program = `#!/bin/sh\nexec '${process.execPath}' --import '${loader}' '${join(ROOT, 'src/main.ts')}' "$@"\n`;
    await writeFile(join(bin, 'coldstart'), program, { mode: 0o755 });
    const { stdout, stderr } = spawnSync(shell, [...call, script], {
      cwd: lab,
      env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: bin, TERM: 'dumb' },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  };
  const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

  test('Bash', async () => {
    const script = `
      source <(coldstart completion bash)
      ask() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _coldstart "$1"; printf '%s\\n' "\${COMPREPLY[@]}"; }
      ask coldstart bu
      ask build-iso --lock
      ask coldstart check ''
      complete -p coldstart`;
    expect(await inShell('bash', ['--norc', '-c'], script)).toEqual([
      ...['build', '--locked'],
      'complete -o default -F _coldstart coldstart',
    ]);
  });

  test.skipIf(!has('fish'))('fish', async () => {
    const script = `
      coldstart completion fish | source
      complete -C 'coldstart bu'
      complete -C 'build-iso --lock'
      complete -C 'coldstart check a-'
      complete -C 'coldstart secrets '`;
    const lines = await inShell('fish', ['--no-config', '-c'], script);
    expect(lines.map((line) => line.split('\t')[0])).toEqual([
      'build',
      '--locked',
      'a-file.yaml',
      'issue',
      'rotate',
      'show',
    ]);
  });

  // A terminal of zsh's own, as completion works only in its line editor.
  test.skipIf(!has('zsh'))('zsh', async () => {
    const script = `
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; source <(coldstart completion zsh)'
      zpty -w z 'show() { print -r "=$BUFFER="; BUFFER=; zle accept-line }; zle -N show; bindkey "^M" show "^J" show'
      for line in 'coldstart bu' 'build-iso --lock' 'coldstart check a-'; do
        zpty -w z "$line"$'\\t'
        zpty -r z answer '*=[a-z]*=*'
        print -r -- "$answer"
      done
      zpty -d z`;
    const output = await inShell('zsh', ['-f', '-c'], script);
    const lines = output.flatMap((line) => /=([a-z][^=]*)=/.exec(line)?.[1]?.trim() ?? []);
    expect(lines).toEqual(['coldstart build', 'build-iso --locked', 'coldstart check a-file.yaml']);
  });
});
