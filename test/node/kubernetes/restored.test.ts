/** A cluster that was restored from a snapshot takes the place of the one before it; and when cluster-etcd-restore.sh refuses to. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../machine.ts';
import { additional, calls, DATA, M2, M3, master, member, SOON, state, STATE, stopped, type Case } from './master.ts';

const OWN = member('a1', 'master-01', '192.168.50.11');
const RESTORED = { 'fake/cluster-192.168.50.12': 'cb\n', 'fake/restored-192.168.50.12': '1800000000\n' };

/** A master with data of the cluster `ca`, in which it and master-03 are the majority; master-02 was restored as `cb`. */
const former = ({ files = {}, ...of }: Case = {}): Promise<Machine> =>
  additional({
    members: [M2, M3],
    ...of,
    files: {
      ...{ ...DATA, ...RESTORED, 'fake/own-members': `${OWN}\n${M2}\n${M3}\n`, 'fake/running-etcd': '' },
      ...{ [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/etcd-member-id`]: 'a1\n' },
      [`${STATE}/etcd-cluster-id`]: 'ca\n',
      ...files,
    },
  });

describe('a master with the data of a former cluster', () => {
  it('keeps it aside for the restored one, and joins that one at the next attempt', async () => {
    const made = await former();
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await state(made, 'bootstrap-state')).toBe('uninitialized\n');
    expect(await made.read('var/lib/etcd-given-up/ca/wal/0.wal')).toBe('');
    expect(await state(made, 'etcd-given-up')).toBe('ca\n');
    await expect(made.read('fake/running-etcd')).rejects.toThrow();
    // master-03 has not left it yet.
    await made.write('fake/own-cluster', 'cb\n');
    await made.write('fake/restored-127.0.0.1', '1800000000\n');
    await made.write('fake/members', `${M2}\n`);
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await calls(made)).toContain('member add master-01 --learner');
    expect(await state(made, 'etcd-restored')).toBe('1800000000\n');
  });

  it('notices while it runs, and starts its script again for it', async () => {
    const made = await former();
    await made.bash('watch_clusters');
    expect(await calls(made)).toContain('restart --no-block cluster-bootstrap\n');
  });

  it('keeps it when the other cluster was restored earlier than its own', async () => {
    const made = await former({ files: { [`${STATE}/etcd-restored`]: '1900000000\n' } });
    await made.bash('watch_clusters');
    expect(await calls(made)).not.toContain('restart');
    expect(await made.steps()).toContain('clusters failed etcd-two-clusters');
  });

  it('keeps it when nothing was restored, or the number is none', async () => {
    for (const number of ['', '0\n', 'x[$(reboot)]\n', '-5\n']) {
      const made = await former({ env: SOON, files: { 'fake/restored-192.168.50.12': number } });
      await made.run('join-additional-master.sh');
      expect([number, await made.read('var/lib/etcd/member/wal/0.wal')]).toEqual([number, '']);
    }
  });
});

describe('a master that was restored', () => {
  /** Alone, a first master that could take its own cluster for a mistake. */
  const restored = (files: Case['files'] = {}): Promise<Machine> =>
    master({
      members: [M2, M3],
      files: {
        ...{ ...DATA, 'fake/own-members': `${OWN}\n`, 'fake/running-etcd': '' },
        ...{ 'fake/cluster-192.168.50.12': 'cb\n', 'fake/cluster-192.168.50.13': 'cb\n' },
        ...{ [`${STATE}/bootstrap-state`]: 'bootstrapped\n', [`${STATE}/etcd-restored`]: '1800000000\n' },
        ...{ 'etc/kubernetes/bootstrap-tokens.tsv': '', ...files },
      },
    });

  it('goes on although the others have a majority, and tells them the number of its restore', async () => {
    const made = await restored();
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(0);
    expect(await made.read('fake/restored-127.0.0.1')).toBe('1800000000\n');
    expect(await state(made, 'etcd-cluster-id')).toBe('ca\n');
    expect(await made.steps()).toContain('clusters failed etcd-two-clusters');
    await made.bash('watch_clusters');
    expect(await calls(made)).not.toContain('restart');
  });
});

describe('cluster-etcd-restore.sh', () => {
  const PAGES = Buffer.from(
    `${'x'.repeat(2000)}k8s:enc:secretbox:v1:key-0a1b2c3d:${'y'.repeat(2000)}`.padEnd(4096, 'z'),
  );
  /** All others are off. */
  const lost = async (of: Case = {}): Promise<Machine> => {
    const made = await additional({
      ...of,
      files: {
        ...{ ...DATA, 'fake/running-etcd': '', 'etc/kubernetes/pki/etcd/ca.crt': 'made up\n' },
        'etc/kubernetes/encryption-config.yaml': 'name: key-0a1b2c3d\n',
        ...{ [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/etcd-member-id`]: 'a1\n' },
        ...{ [`${STATE}/etcd-cluster-id`]: 'ca\n', ...of.files },
      },
    });
    await made.command(
      'etcdutl',
      `cd ${made.root}/fake; printf 'etcdutl %s\\n' "$*" >>calls
case $* in
  *status*) echo '{"revision":42,"totalKey":7}' ;;
  *) [[ ! -e broken ]] || { echo 'Error: no space left on device' >&2; exit 1; }
    while [[ $1 != --data-dir ]]; do shift; done; mkdir -p "$2/member/wal" && touch "$2/member/wal/new.wal" ;;
esac`,
    );
    await made.command('chown', 'exit 0');
    await writeFile(made.path('s.db'), Buffer.concat([PAGES, createHash('sha256').update(PAGES).digest()]));
    return made;
  };
  const restore = (made: Machine, answer = 'master-01') =>
    made.bash(`printf '${answer}\\n' | cluster-etcd-restore.sh "$COLDSTART_ROOT/s.db"`);

  it('makes a cluster of this master alone, keeps the former data, and begins the role', async () => {
    const made = await lost();
    const { status, output } = await restore(made);
    expect([status, output]).toEqual([0, expect.stringContaining('7 keys, revision 42')]);
    expect(await made.read('var/lib/etcd/member/wal/new.wal')).toBe('');
    expect(await made.read('var/lib/etcd-given-up/ca/wal/0.wal')).toBe('');
    expect([await state(made, 'etcd-member-id'), await state(made, 'etcd-cluster-id')]).toEqual(['', '']);
    expect(Number(await state(made, 'etcd-restored'))).toBeGreaterThan(1_700_000_000);
    expect(await calls(made)).toMatch(
      /snapshot restore .*--initial-cluster master-01=https:\/\/192\.168\.50\.11:2380 /,
    );
    expect(await calls(made)).toMatch(/--bump-revision 1000000000 --mark-compacted/);
    expect(await calls(made)).toContain('start cluster-bootstrap');
  });

  it.each<[string, Case, (made: Machine) => Promise<unknown>, string]>([
    ['another master runs', { members: [M3] }, async () => {}, 'the etcd of other masters runs: 192.168.50.13'],
    ['the snapshot is cut off', {}, (made) => writeFile(made.path('s.db'), PAGES), 'no checksum'],
    ['there is none', {}, (made) => made.bash('rm "$COLDSTART_ROOT/s.db"'), 'cannot be read'],
    ['the key of its Secrets is unknown', {}, (made) => made.write('etc/kubernetes/encryption-config.yaml', 'name: key-99999999\n'), 'key-0a1b2c3d'], // prettier-ignore
    ['etcdutl fails', {}, (made) => made.write('fake/broken', ''), 'no space left'],
    ['the node is no master', { env: { NODE_ROLES: 'worker', BOOT_ROLE: 'worker' } }, async () => {}, 'is no master'],
  ])('changes nothing when %s', async (_, of, spoil, why) => {
    const made = await lost(of);
    await spoil(made);
    const { status, output } = await restore(made);
    expect([status, output]).toEqual([1, expect.stringContaining(why)]);
    expect(output).toContain('nothing was changed');
    expect(await made.read('var/lib/etcd/member/wal/0.wal')).toBe('');
    expect(await made.read('fake/running-etcd')).toBe('');
  });

  it('changes nothing without the name of the node as an answer', async () => {
    const made = await lost();
    const { status, output } = await restore(made, 'yes');
    expect([status, output]).toEqual([1, expect.stringContaining('not confirmed')]);
    expect(await made.read('var/lib/etcd/member/wal/0.wal')).toBe('');
    expect((await made.run('cluster-etcd-restore.sh')).status).toBe(64);
  });

  it('is repeated after a power cut at any step of it', async () => {
    const made = await lost();
    await made.bash(
      'rm -rf "$COLDSTART_ROOT"/var/lib/etcd/member; mkdir -p "$COLDSTART_ROOT"/var/lib/etcd-restored/member',
    );
    expect((await restore(made)).status).toBe(0);
    expect(await made.read('var/lib/etcd/member/wal/new.wal')).toBe('');
    expect(await stopped(made)).toBe('etcd running');
  });
});
