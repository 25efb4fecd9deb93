/** The scripts for a person at the console: status, reset, hooks. */
import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { machine } from '../machine.ts';

const STATE = 'var/lib/cluster-state';

describe('check-bootstrap-status', () => {
  it('tells a person', async () => {
    const made = await machine({ files: { [`${STATE}/cluster-joined`]: '2026-11-22T10:00:00+00:00\n' } });
    await made.bash(
      "ledger detect done '' 'this machine is master-01'; ledger disk failed several-disks 'two fit' 'correct it'",
    );
    const { status, output } = await made.run('check-bootstrap-status.sh');
    expect(status).toBe(1);
    expect(output.replaceAll(/since \S+/g, 'since NOW')).toBe(`Node: master-01 of cluster lab, master-first
State: uninitialized
Health: failed
Steps:
  detect: done since NOW
    this machine is master-01
  disk: failed (several-disks) since NOW
    two fit
    what to do: correct it
Joined at: 2026-11-22T10:00:00+00:00`);
  });

  it('tells a machine', async () => {
    const made = await machine();
    await made.bash("ledger detect running '' m");
    const { status, output } = await made.run('check-bootstrap-status.sh', '--json');
    expect([status, (JSON.parse(output) as { health: string }).health]).toEqual([2, 'running']);
  });

  it('says when nothing has run', async () => {
    const made = await machine();
    expect(await made.run('check-bootstrap-status.sh')).toEqual({
      status: 1,
      output:
        'check-bootstrap-status.sh: no step has run since the machine was started; systemctl status cluster-detect',
    });
  });
});

describe('reset-bootstrap', () => {
  const files = {
    [`${STATE}/bootstrap-state`]: 'joined\n',
    [`${STATE}/cluster-joined`]: '2026-11-22T10:00:00+00:00\n',
    [`${STATE}/node-role`]: 'worker\n',
  };

  it('leaves the node uninitialized', async () => {
    const made = await machine({ files });
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(0);
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('uninitialized\n');
    await expect(made.read(`${STATE}/cluster-joined`)).rejects.toThrow('ENOENT');
    await expect(made.read(`${STATE}/node-role`)).rejects.toThrow('ENOENT');
  });

  it('refuses when there is nothing to reset', async () => {
    const made = await machine({ files: { [`${STATE}/bootstrap-state`]: 'uninitialized\n' } });
    expect(await made.run('reset-bootstrap.sh', '--yes')).toEqual({
      status: 1,
      output: 'reset-bootstrap.sh: master-01 is uninitialized, there is nothing to reset',
    });
  });

  it('changes nothing without an answer', async () => {
    const made = await machine({ files });
    expect((await made.run('reset-bootstrap.sh')).status).toBe(1);
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('joined\n');
  });

  it.each([
    ['a damaged state', { [`${STATE}/bootstrap-state`]: 'bootstrap-state: joined\n' }],
    ['an interrupted reset', { [`${STATE}/etcd-member-id`]: '1f\n', [`${STATE}/bootstrap-state`]: 'uninitialized\n' }],
    ['a disk of another role', { [`${STATE}/node-role`]: 'worker\n' }],
  ])('clears %s', async (_, damaged) => {
    const made = await machine({ files: damaged });
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(0);
    expect((await made.run('cluster-state.sh')).status).toBe(0);
  });
});

describe('hooks', () => {
  const FOLDER = 'etc/coldstart/hooks/after-network';
  const withHooks = async (hooks: Record<string, string>) => {
    const files = Object.entries(hooks).map(([name, body]) => [
      `${FOLDER}/${name}`,
      body.startsWith('#!') ? body : `#!/bin/bash\n${body}\n`,
    ]);
    const made = await machine({ files: Object.fromEntries(files) as Record<string, string> });
    for (const name of Object.keys(hooks)) await chmod(made.path(`${FOLDER}/${name}`), 0o755);
    return made;
  };

  it('run in the order of their names, with the node in their environment', async () => {
    const made = await withHooks({ '20-b': 'echo two', '10-a': 'echo "one $NODE_NAME"' });
    const { status, output } = await made.run('cluster-hooks.sh', 'after-network');
    expect(status).toBe(0);
    expect(output.split('\n').filter((line) => !line.startsWith('coldstart'))).toEqual(['one master-01', 'two']);
    expect((await made.steps()).at(-1)).toBe('hooks-after-network done');
  });

  it('end at the first that fails', async () => {
    const made = await withHooks({ '10-a': 'exit 7', '20-b': 'echo second' });
    const { status, output } = await made.run('cluster-hooks.sh', 'after-network');
    expect([status, output.includes('second')]).toEqual([1, false]);
    expect((await made.ledger()).at(-1)).toMatchObject({ cause: 'hook-failed', message: '10-a ended with status 7' });
  });

  it.each([
    ['#!/bin/bash\r\necho hi\r\n', 'cannot be started: its lines end with CR LF, as on Windows'],
    ['#!/usr/bin/no-such -x\n', 'cannot be started: the node has no /usr/bin/no-such'],
    ['no-such-command', 'ended with status 127: a command in it does not exist or cannot be run'],
  ])('say why they cannot be started: %j', async (body, why) => {
    const made = await withHooks({ '10-a': body });
    const { status } = await made.run('cluster-hooks.sh', 'after-network');
    expect(status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({ cause: 'hook-failed', message: `10-a ${why}` });
  });
});

it('host keys are made once, and only readable by root', async () => {
  const made = await machine();
  const keys = 'var/lib/coldstart/ssh';
  expect((await made.run('cluster-ssh-keys.sh')).status).toBe(0);
  const before = await made.read(`${keys}/ssh_host_ed25519_key`);
  expect((await made.run('cluster-ssh-keys.sh')).status).toBe(0);
  expect(await made.read(`${keys}/ssh_host_ed25519_key`)).toBe(before);
  expect((await made.bash(`stat -c '%a %n' $COLDSTART_ROOT/${keys}/*`)).output.split('\n')).toEqual([
    ...['ed25519', 'rsa'].flatMap((type) => [
      `600 /${keys}/ssh_host_${type}_key`,
      `644 /${keys}/ssh_host_${type}_key.pub`,
    ]),
  ]);
});
