/**
 * A /var that is full, has no inode left, or is read-only: a real file system, mounted at the machine's /var. Needs
 * root.
 */
import { readdir } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { machine, type Machine, type Setup } from '../machine.ts';

const STATE = 'var/lib/cluster-state';
const HISTORY = `${STATE}/ledger.jsonl`;
const MEMBER = { [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/node-role`]: 'worker\n' };
const WORKER = { NODE_ROLES: 'worker', BOOT_ROLE: 'worker', API_PORT: '6443', TOKEN_DISTRIBUTION: 'embedded' };

type Trouble = 'disk-full' | 'no inode' | 'disk-read-only';

interface Disk {
  /** Nothing can be written from now on. */
  readonly break: (how: Trouble) => Promise<void>;
  readonly mend: () => Promise<void>;
}

/** A machine whose /var is a file system of half a MiB and of sixty inodes, with these files on it. */
async function small(setup: Setup, files: Readonly<Record<string, string>> = {}): Promise<[Machine, Disk]> {
  const made = await machine(setup);
  await made.write('var/.mount-point', '');
  const path = made.path('var');
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=512k,nr_inodes=60', 'tmpfs', path]);
  onTestFinished(async () => void (await execa('umount', ['--lazy', path])));
  for (const [name, content] of Object.entries(files)) await made.write(name, content);
  const fill: Readonly<Record<Trouble, string>> = {
    'disk-full': 'cat /dev/zero >filling',
    'no inode': 'mkdir fillings; for ((i = 0; i < 60; i++)); do : >fillings/$i || exit; done',
    'disk-read-only': 'mount -o remount,ro .',
  };
  return [
    made,
    {
      break: async (how) => void (await execa('bash', ['-c', fill[how]], { cwd: path, reject: false })),
      mend: async () => void (await execa('bash', ['-c', 'mount -o remount,rw . && rm -rf filling*'], { cwd: path })),
    },
  ];
}

const now = async (
  made: Machine,
): Promise<{ state: string; health: string; steps: { step: string; cause: string }[] }> =>
  JSON.parse(await made.read('run/cluster/status.json')) as never;
const causeOf = async (made: Machine, step: string): Promise<string | undefined> =>
  (await now(made)).steps.find((each) => each.step === step)?.cause;

const TROUBLES: [Trouble, string][] = [
  ['disk-full', 'disk-full'],
  ['no inode', 'disk-full'],
  ['disk-read-only', 'disk-read-only'],
];

describe.skipIf(process.getuid?.() !== 0)('a /var that takes nothing: ', () => {
  it.each(TROUBLES)('%s: a member reads its state, says why it remembers nothing, and goes on', async (how, cause) => {
    const [made, disk] = await small({ env: WORKER }, MEMBER);
    await disk.break(how);
    const { status, output } = await made.run('cluster-state.sh');
    expect(status).toBe(0);
    expect(output).toContain(`coldstart: var failed (${cause})`);
    expect(await now(made)).toMatchObject({ state: 'joined', health: 'failed' });
    expect(await made.steps()).toEqual([`var failed ${cause}`, 'state running', 'state done no-state-disk']);
  });

  it.each(TROUBLES)('%s: a node that has no state yet writes none, and says why', async (how, cause) => {
    const [made, disk] = await small({ env: WORKER }, { [`${STATE}/other`]: 'word\n' });
    await disk.break(how);
    expect((await made.run('cluster-state.sh')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe(`state failed ${cause}`);
    expect((await readdir(made.path(STATE))).filter((name) => name !== 'ledger.jsonl')).toEqual(['other']);
  });

  it('starts the kubelet of a member before anything that may fail', async () => {
    const [made, disk] = await small({ env: WORKER, files: { 'etc/kubernetes/pki/ca.crt': 'made up\n' } }, MEMBER);
    await made.run('cluster-state.sh');
    await disk.break('disk-full');
    await made.command('ip', 'exit 1');
    await made.command('systemctl', `echo "$@" >>${made.path('systemctl-called')}`);
    expect((await made.run('join-worker.sh')).status).toBe(1);
    expect(await made.read('systemctl-called')).toContain('start --no-block kubelet\n');
    expect(await causeOf(made, 'var')).toBe('disk-full');
  });

  it.each([
    ...[
      'cluster-state.sh',
      'configure-network.sh',
      'cluster-hooks.sh after-network',
      'cluster-images.sh',
      'cluster-ssh-keys.sh',
    ],
    ...['cluster-bootstrap-orchestrator.sh', 'join-worker.sh', 'cluster-addons.sh'],
  ])('%s leaves a status that is true, whatever becomes of it', async (line) => {
    const hook = { 'etc/coldstart/hooks/after-network/10-touch': '#!/bin/bash\n' };
    const [made, disk] = await small({ env: WORKER, files: hook, commands: { ctr: 'exit 0' } }, MEMBER);
    await made.bash('persist_ledger; chmod +x "$COLDSTART_ROOT"/etc/coldstart/hooks/*/*');
    await disk.break('disk-full');
    const [script = '', ...args] = line.split(' ');
    const { status } = await made.run(script, ...args);
    expect(await now(made)).toMatchObject({ state: 'joined', health: 'failed' });
    expect(await causeOf(made, 'var')).toBe('disk-full');
    const last = (await made.steps()).filter((step) => !step.startsWith('var ')).at(-1) ?? '';
    expect(last.includes(' failed')).toBe(status !== 0);
  });

  it('has the whole history once there is room, and says so', async () => {
    const [made, disk] = await small({ env: WORKER }, MEMBER);
    await made.run('cluster-state.sh');
    await disk.break('disk-full');
    // The last block of the file has room for some lines.
    await made.bash('for i in {1..40}; do ledger network running "" "try $i"; done');
    expect(await causeOf(made, 'var')).toBe('disk-full');
    expect((await made.read(HISTORY)).length).toBeLessThan((await made.read('run/cluster/ledger.jsonl')).length);
    await disk.mend();
    await made.bash('watch_var');
    expect((await made.steps()).at(-1)).toBe('var done');
    const whole = (text: string): string[] => text.split('\n').filter((line) => line.endsWith('}'));
    expect(whole(await made.read(HISTORY))).toEqual(whole(await made.read('run/cluster/ledger.jsonl')));
  });

  it.each(['disk-full', 'disk-read-only'] as const)(
    '%s: keeps the old word when the new one does not fit',
    async (how) => {
      const [made, disk] = await small({}, { [`${STATE}/bootstrap-state`]: 'uninitialized\n' });
      await disk.break(how);
      expect((await made.bash('write_state bootstrap-state joined')).status).not.toBe(0);
      expect((await made.bash('if write_state bootstrap-state joined; then echo done; fi')).output).not.toContain(
        'done',
      );
      expect(await made.read(`${STATE}/bootstrap-state`)).toBe('uninitialized\n');
      expect(await readdir(made.path(STATE))).toEqual(['bootstrap-state']);
    },
  );
});
