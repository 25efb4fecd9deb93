/**
 * The orchestrator and the scripts of the boot roles: the role of the image, the preconditions, and a correct final
 * state.
 */
import { describe, expect, it } from 'vitest';
import { machine, type Setup } from '../machine.ts';

const as = (role: string, roles = 'worker', of: Setup = {}): Setup => ({
  ...{ ...of, env: { BOOT_ROLE: role, NODE_ROLES: roles, ...of.env } },
});
const STATE = 'var/lib/cluster-state/bootstrap-state';
const NOT_YET = 'the image contains no certificates, so it cannot join a cluster; the state stays uninitialized';

describe('am-i-first-master', () => {
  it.each(['master-first', 'master-additional', 'worker', 'storage'])('prints %s as the image says', async (role) => {
    const made = await machine(as(role));
    expect(await made.run('am-i-first-master.sh')).toEqual({ status: 0, output: role });
  });

  it('does not guess when the image does not say', async () => {
    const made = await machine(as(''));
    expect(await made.run('am-i-first-master.sh')).toEqual({
      status: 1,
      output: 'coldstart: /etc/cluster-config/node.env does not set BOOT_ROLE; the image is damaged, build it again',
    });
  });
});

describe('the orchestrator', () => {
  it.each([
    ['master-first', 'master', 'initialising the cluster'],
    ['master-additional', 'master', 'joining as a further master'],
    ['worker', 'worker', 'joining as a worker'],
  ])('runs the script of %s and says plainly where this version ends', async (role, roles, what) => {
    const made = await machine(as(role, roles));
    expect((await made.run('cluster-bootstrap-orchestrator.sh')).status).toBe(0);
    const entries = await made.ledger();
    expect(entries.map(({ step, state, cause, message }) => [step, state, cause, message])).toEqual([
      ['bootstrap', 'running', '', what],
      ['time', 'running', '', 'asking chrony'],
      ['time', 'done', '', 'the clock is synchronised'],
      ['bootstrap', 'skipped', 'formation-not-available', `master-01 is ready as ${role}, but ${NOT_YET}`],
    ]);
  });

  it('leaves a storage node out of Kubernetes', async () => {
    const made = await machine(as('storage', 'ceph-mon ceph-osd', { commands: { containerd: 'exit 127' } }));
    expect((await made.run('cluster-bootstrap-orchestrator.sh')).status).toBe(0);
    expect(await made.steps()).toEqual(['bootstrap done']);
  });

  it.each([
    ['master-first', 'master'],
    ['master-additional', 'master'],
    ['worker', 'worker'],
  ])('leaves the last word to the script of %s, which knows why it failed', async (role, roles) => {
    const made = await machine(as(role, roles, { commands: { ip: "echo '[]'" } }));
    expect((await made.run('cluster-bootstrap-orchestrator.sh')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe('bootstrap failed address-missing');
  });

  it('refuses a role that it does not know', async () => {
    const made = await machine(as('webmaster'));
    expect((await made.run('cluster-bootstrap-orchestrator.sh')).status).toBe(1);
    expect(await made.steps()).toEqual(['bootstrap failed unknown-boot-role']);
  });

  it.each([
    ['master-first', 'bootstrapped'],
    ['worker', 'joined'],
  ])('has nothing to do on a %s that is %s', async (role, word) => {
    const made = await machine(as(role, 'worker', { files: { [STATE]: `${word}\n` } }));
    expect((await made.run('cluster-bootstrap-orchestrator.sh')).output).toBe(
      `coldstart: bootstrap done: this node is already ${word}`,
    );
  });
});

describe('a precondition that does not hold stops the role', () => {
  it.each<[string, Setup]>([
    ['not-identified', { files: { 'run/cluster/identified': 'worker-01\n' } }],
    ['address-missing', { commands: { ip: "echo '[]'" } }],
    ['state-disk-missing', { files: { 'etc/cluster-config/state-disk.env': '' } }],
    ['state-damaged', { files: { [STATE]: 'bootstrap-state: joined\n' } }],
    ['wrong-boot-role', as('worker')],
  ])('%s', async (cause, setup) => {
    const made = await machine(setup);
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe(`bootstrap failed ${cause}`);
  });

  it.each([
    ['no source', 'time-not-synchronised', { chronyc: 'exit 1' }],
    ['no source but another node', 'time-not-synchronised', { chronyc: `echo C0A8320C,192.168.50.12,11,1764000000.5` }],
    ['no service', 'time-service-missing', { systemctl: 'exit 3' }],
  ])('but not the time: %s is said', async (_, cause, commands) => {
    const made = await machine({ commands });
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(0);
    expect(await made.steps()).toContain(`time skipped ${cause}`);
  });
});

describe('exact roles', () => {
  it('knows a role from a word that contains it (erratum 3)', async () => {
    const made = await machine(as('worker', 'webmaster ceph-mon-backup worker'));
    const asked = ['master', 'ceph-mon', 'worker'].map((role) => `has_role ${role} && echo ${role}`);
    expect((await made.bash(`${asked.join('\n')}; true`)).output).toBe('worker');
  });
});
