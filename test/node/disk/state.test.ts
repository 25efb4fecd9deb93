/** State files: one word each, atomic, read by one function (erratum 1). */
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { machine } from '../machine.ts';

const STATE = 'var/lib/cluster-state';
const state = (word: string): Record<string, string> => ({ [`${STATE}/bootstrap-state`]: word });

describe('read_state and write_state', () => {
  it('gives back what was written, so that a bootstrapped node stays bootstrapped (erratum 1)', async () => {
    const made = await machine();
    const { output } = await made.bash('write_state bootstrap-state bootstrapped; read_state bootstrap-state');
    expect(output).toBe('bootstrapped');
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('bootstrapped\n');
    expect(await readdir(made.path(STATE))).toEqual(['bootstrap-state']);
  });

  it('does not take the line of the original description for a state (erratum 1)', async () => {
    const made = await machine({ files: state('bootstrap-state: bootstrapped\n') });
    expect(await made.bash('read_state bootstrap-state')).toEqual({
      status: 1,
      output: 'coldstart: /var/lib/cluster-state/bootstrap-state does not hold one word',
    });
  });

  it.each([
    ['no file', {}],
    ['an empty file', state('')],
    ['a file of zeros, as a file system leaves after a power cut', state('\0\0\0\0')],
  ])('takes the default for %s', async (_, files) => {
    const made = await machine({ files });
    expect(await made.bash('bootstrap_state')).toEqual({ status: 0, output: 'uninitialized' });
  });

  it('refuses to write two words, and leaves the old one', async () => {
    const made = await machine({ files: state('joined\n') });
    expect((await made.bash('write_state bootstrap-state "two words"')).status).toBe(1);
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('joined\n');
  });

  it('leaves the old word when it is killed before the rename', async () => {
    const made = await machine({ files: state('uninitialized\n') });
    await made.command('mv', 'kill -9 $PPID');
    await made.bash('write_state bootstrap-state joined');
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('uninitialized\n');
  });
});

describe('cluster-state', () => {
  it('begins uninitialized, with the role of the image', async () => {
    const made = await machine();
    expect((await made.run('cluster-state.sh')).status).toBe(0);
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('uninitialized\n');
    expect(await made.read(`${STATE}/node-role`)).toBe('master-first\n');
    expect(await made.steps()).toEqual(['state running', 'state done no-state-disk']);
  });

  it('keeps the state of earlier boots', async () => {
    const made = await machine({ files: { ...state('bootstrapped\n'), [`${STATE}/node-role`]: 'master-first\n' } });
    await made.run('cluster-state.sh');
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('bootstrapped\n');
  });

  it('stops when the disk belongs to another role', async () => {
    const made = await machine({ files: { [`${STATE}/node-role`]: 'worker\n' } });
    expect((await made.run('cluster-state.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      ...{ step: 'state', state: 'failed', cause: 'role-changed' },
      message: 'the state disk was used by a worker, but the image is for a master-first',
    });
  });

  it('goes on as the first master after the former first one was removed from the definition', async () => {
    const made = await machine({ files: { ...state('joined\n'), [`${STATE}/node-role`]: 'master-additional\n' } });
    expect((await made.run('cluster-state.sh')).status).toBe(0);
    expect(await made.read(`${STATE}/node-role`)).toBe('master-first\n');
    expect(await made.read(`${STATE}/bootstrap-state`)).toBe('joined\n');
  });

  it('stops at a damaged state', async () => {
    const made = await machine({ files: state('bootstrap-state: joined\n') });
    expect((await made.run('cluster-state.sh')).status).toBe(1);
    expect(await made.steps()).toEqual(['state running', 'state failed state-damaged']);
  });

  it('stops when the state disk is not mounted, and writes no state into memory', async () => {
    const made = await machine({ files: { 'etc/cluster-config/state-disk.env': 'STATE_DISK_OWNER=lab/master-01\n' } });
    expect((await made.run('cluster-state.sh')).status).toBe(1);
    expect(await made.steps()).toEqual(['state failed state-disk-missing']);
    await expect(made.read(`${STATE}/bootstrap-state`)).rejects.toThrow('ENOENT');
  });
});
