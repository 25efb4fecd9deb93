/**
 * A disk from an earlier installation under another secrets store: worthless data is deleted, and a person decides
 * about data that may be the last copy.
 */
import { describe, expect, it } from 'vitest';
import { lab, large, storeOf } from '../../pki/clusters.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import { additional, calls, DATA, M2, M3, master, state, STATE, stopped } from '../kubernetes/master.ts';
import { machine, type Machine } from '../machine.ts';

const KUBELET = 'var/lib/kubelet';
const PEM = `${KUBELET}/pki/kubelet-client-current.pem`;
const AUTHORITY = `-----BEGIN CERTIFICATE-----\n${Buffer.from('of now').toString('base64')}\n-----END CERTIFICATE-----\n`;
const OTHER = AUTHORITY.replace(/\n.*\n/, `\n${Buffer.from('of before').toString('base64')}\n`);
const CA = 'etc/kubernetes/pki/etcd/ca.crt';

describe('a worker', () => {
  const worker = (files: Readonly<Record<string, string>>): Promise<Machine> =>
    master({
      env: { BOOT_ROLE: 'worker', NODE_ROLES: 'worker' },
      files: {
        'etc/kubernetes/bootstrap-kubelet.conf': 'users:\n- user:\n    token: abcdef.made-up\n',
        ...{ [PEM]: 'made up\n', [`${KUBELET}/kubelet.conf`]: 'made up\n', 'fake/running-kubelet': '' },
        ...{ [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/cluster-joined`]: 'long ago\n', ...files },
      },
    });

  it('joins anew with its token when its certificate is of another secrets store, and says so', async () => {
    const made = await worker({ 'fake/foreign': '' });
    // The kubelet has its certificate once it has asked with its token.
    await made.command(
      'kubelet-asks',
      `cd ${made.root}; mkdir -p ${KUBELET}/pki; echo new >${PEM}; touch ${KUBELET}/kubelet.conf; rm -f fake/foreign`,
    );
    await made.bash(
      `sed -i 's/printf .start %s/[[ $unit != kubelet ]] || kubelet-asks; &/' "$COLDSTART_ROOT/commands/systemctl"`,
    );
    expect((await made.run('join-worker.sh')).status).toBe(0);
    expect(await made.steps()).toContain('state running earlier-life');
    expect(await made.steps()).toContain('state done');
    expect(await made.read(PEM)).toBe('new\n');
    expect([await state(made, 'bootstrap-state'), await state(made, 'cluster-joined')]).toEqual([
      'joined\n',
      expect.stringMatching(/^2/),
    ]);
  });

  it('keeps a certificate of its own cluster', async () => {
    const made = await worker({});
    expect((await made.run('join-worker.sh')).status).toBe(0);
    expect(await made.read(PEM)).toBe('made up\n');
    expect(await made.steps()).not.toContain('state running earlier-life');
  });

  it('begins again where the power failed on the way', async () => {
    const made = await worker({ 'fake/foreign': '', [`${STATE}/bootstrap-state`]: 'uninitialized\n' });
    await made.bash('rm -f "$KUBELET_DIR/kubelet.conf"; check_earlier_life');
    await expect(made.read(PEM)).rejects.toThrow();
    expect(await state(made, 'bootstrap-state')).toBe('uninitialized\n');
  });
});

describe('a certificate', () => {
  it('is told from one of another secrets store, whether it has expired or not, and of all authorities of a rotation', async () => {
    const made = await machine();
    const other = await completeStore(null, needsOf(lab), { now: new Date(), random: systemRandomness });
    const store = await storeOf(lab);
    const authority = (of: typeof store) => of.authorities['kubernetes']!.current.certificate;
    const old = await completeStore(null, needsOf(lab), { now: new Date('2015-01-01'), random: systemRandomness });
    const leaf = (of: typeof store) => of.certificates['nodes/worker-01/kubelet']!.certificate;
    await made.write('ours', authority(store));
    await made.write('both', authority(other.store) + authority(store));
    await made.write('expired', authority(old.store));
    await made.write('leaf', leaf(store));
    await made.write('old-leaf', leaf(old.store));
    const ask = async (bundle: string, certificate: string): Promise<number> =>
      (await made.bash(`cd "$COLDSTART_ROOT"; is_of_authority ${bundle} ${certificate}`)).status;
    expect(await ask('ours', 'leaf')).toBe(0);
    expect(await ask('both', 'leaf')).toBe(0);
    expect(await ask('expired', 'old-leaf')).toBe(0);
    expect(await ask('expired', 'leaf')).not.toBe(0);
    expect(await ask('ours', 'old-leaf')).not.toBe(0);
  });

  it('of a bundle has the fingerprint that openssl shows', async () => {
    const made = await machine();
    const { authorities } = await storeOf(large);
    await made.write(
      'bundle',
      authorities['etcd']!.current.certificate + authorities['kubernetes']!.current.certificate,
    );
    const { output } = await made.bash(
      `cd "$COLDSTART_ROOT"; authorities_in bundle; openssl x509 -noout -fingerprint -sha256 -in bundle | cut -d = -f 2 | tr -d : | tr A-F a-f`,
    );
    const [first, second, shown] = output.split('\n');
    expect(first).toBe(shown);
    expect(second).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a master', () => {
  const kept = { ...DATA, [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/etcd-member-id`]: 'a1\n' };
  const members = [M2, M3, 'a1, started, master-01, https://192.168.50.11:2380, https://192.168.50.11:2379, false'];
  const under = async (authority: string): Promise<string> => {
    const made = await machine({ files: { bundle: authority } });
    return (await made.bash('authorities_in "$COLDSTART_ROOT/bundle"')).output;
  };

  it('starts nothing of what was written under another secrets store, and asks a person', async () => {
    const files = { ...kept, [CA]: AUTHORITY, [`${STATE}/etcd-authority`]: `${await under(OTHER)}\n` };
    const made = await additional({ members, files });
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await stopped(made)).toBe('etcd failed etcd-of-another-store');
    expect(await calls(made).catch(() => '')).not.toContain('start etcd');
    expect(await made.read('var/lib/etcd/member/wal/0.wal')).toBe('');
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(0);
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect([await state(made, 'etcd-member-id'), await state(made, 'etcd-authority')]).toEqual([
      'a9\n',
      `${await under(AUTHORITY)}\n`,
    ]);
  });

  it.each<[string, string | null, string]>([
    ['knows none yet', null, AUTHORITY],
    ['is in the middle of a rotation', OTHER, AUTHORITY + OTHER],
  ])('goes on when its disk %s, and notes the one of now', async (_, before, bundle) => {
    const known = before === null ? {} : { [`${STATE}/etcd-authority`]: `${await under(before)}\n` };
    const made = await additional({ members, files: { ...kept, ...known, [CA]: bundle } });
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await state(made, 'etcd-authority')).toBe(`${await under(AUTHORITY)}\n`);
  });

  it('notes it before there is data that a power cut could leave behind', async () => {
    const made = await additional({ members: [M2, M3], files: { [CA]: AUTHORITY, 'fake/broken': 'etcd\n' }, env: { COLDSTART_DEADLINE: '1' } }); // prettier-ignore
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await state(made, 'etcd-authority')).toBe(`${await under(AUTHORITY)}\n`);
  });
});
