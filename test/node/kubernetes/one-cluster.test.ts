/**
 * Two etcd clusters of one definition (erratum 26): a first master that was re-imaged while it could reach no other
 * node has founded a second one. It gives up the second for the older one if it can tell which is older, and loses no
 * data; a node that cannot tell reports that. Seeds of the simulation have shown each of these cases.
 */
import { describe, expect, it } from 'vitest';
import type { Machine } from '../machine.ts';
import { calls, DATA, M2, M3, master, member, SOON, state, STATE, stopped, type Case } from './master.ts';

const OWN = member('a1', 'master-01', '192.168.50.11');
const FOREIGN = { 'fake/cluster-192.168.50.12': 'cb\n', 'fake/cluster-192.168.50.13': 'cb\n' };

/** A first master that runs, alone, the cluster `ca`; those that it reaches now are in `cb`, and know it from an earlier life. */
const founder = ({ files = {}, ...of }: Case = {}): Promise<Machine> =>
  master({
    members: [member('b1', 'master-01', '192.168.50.11'), M2, M3],
    ...of,
    files: {
      ...{ ...DATA, ...FOREIGN, 'fake/own-members': `${OWN}\n`, 'fake/running-etcd': '' },
      ...{ [`${STATE}/bootstrap-state`]: 'bootstrapped\n', [`${STATE}/etcd-member-id`]: 'a1\n' },
      ...{ [`${STATE}/etcd-cluster-id`]: 'ca\n', 'etc/kubernetes/bootstrap-tokens.tsv': '' },
      ...files,
    },
  });
const watch = async (made: Machine): Promise<readonly string[]> => {
  await made.bash('watch_clusters');
  return made.steps();
};

describe('a first master in a cluster of its own', () => {
  it('gives it up for the older one, keeps its data aside, and joins at the next attempt', async () => {
    const made = await founder();
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(1);
    expect(await state(made, 'bootstrap-state')).toBe('uninitialized\n');
    expect(await state(made, 'etcd-cluster-id')).toBe('');
    expect(await made.read('var/lib/etcd-given-up/ca/wal/0.wal')).toBe('');
    await expect(made.read('fake/running-etcd')).rejects.toThrow();
    await made.write('fake/own-cluster', 'cb\n');
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(0);
    expect(await calls(made)).toContain('member remove b1\n');
    expect(await calls(made)).toContain('member add master-01 --learner');
    expect(await state(made, 'bootstrap-state')).toBe('bootstrapped\n');
  });

  it('notices while it runs, and starts its script again for it', async () => {
    const made = await founder();
    expect(await watch(made)).not.toContain('clusters failed etcd-two-clusters');
    expect(await calls(made)).toContain('restart --no-block cluster-bootstrap\n');
    expect(await made.read('var/lib/etcd/member/wal/0.wal')).toBe('');
  });

  it('does not start again a script that is on its way to that', async () => {
    const looked = { 'run/cluster/looked-for-clusters': 'earlier\n' };
    const made = await founder({ files: { 'fake/activating': '', 'fake/invocation': 'present\n', ...looked } });
    await watch(made);
    expect(await calls(made)).not.toContain('restart');
  });

  it('starts a script again that has looked before the others answered, and waits for something else since', async () => {
    const files = { 'fake/cluster-192.168.50.12': 'ca\n', 'fake/cluster-192.168.50.13': 'ca\n' };
    const made = await founder({ files: { ...files, 'fake/activating': '', 'fake/invocation': 'present\n' } });
    expect((await made.bash('INVOCATION_ID=present check_one_cluster ca')).status).toBe(0);
    for (const [path, cluster] of Object.entries(FOREIGN)) await made.write(path, cluster);
    await watch(made);
    expect(await calls(made)).toContain('restart --no-block cluster-bootstrap\n');
  });

  it.each<[string, Case]>([
    ['others have joined it', { files: { 'fake/own-members': `${OWN}\n${member('a5', 'master-05', 'x')}\n` } }],
    ['the other one has no majority', { files: { 'fake/no-quorum': '' } }],
    ['it is no first master', { env: { BOOT_ROLE: 'master-additional' } }],
  ])('keeps it when %s, and says that there are two', async (_, of) => {
    const made = await founder({ ...of, env: { ...SOON, ...of.env } });
    expect(await watch(made)).toContain('clusters failed etcd-two-clusters');
    expect(await calls(made)).not.toContain('restart');
    const script = of.env === undefined ? 'bootstrap-first-master.sh' : 'join-additional-master.sh';
    await made.write(`${STATE}/bootstrap-state`, of.env === undefined ? 'bootstrapped\n' : 'joined\n');
    expect((await made.run(script)).status).toBe(1);
    expect(await stopped(made)).toBe('etcd failed etcd-two-clusters');
    expect(await made.read('var/lib/etcd/member/wal/0.wal')).toBe('');
  });
});

describe('a first master whose image has no address of the others any more', () => {
  const lost = (files: Case['files'] = {}): Promise<Machine> =>
    founder({ env: { ...SOON, MASTER_IPS: '192.168.50.11 192.168.50.72' }, files });

  it('learns from them where they are, and finds them again after it has given its cluster up', async () => {
    const made = await lost({ 'fake/told': '192.168.50.12 192.168.50.13 $(reboot)\n' });
    expect(await watch(made)).toEqual([]);
    expect(await calls(made)).toContain('restart --no-block cluster-bootstrap\n');
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(1);
    await made.bash('rm "$COLDSTART_ROOT/fake/told"; echo cb >"$COLDSTART_ROOT/fake/own-cluster"');
    await made.bash('rm -f "$COLDSTART_ROOT/fake/own-members"');
    expect((await made.bash('other_masters')).output.split('\n')).toEqual([
      ...['192.168.50.72', '192.168.50.12', '192.168.50.13'],
    ]);
  });

  it('keeps its cluster while nobody tells it anything', async () => {
    expect(await watch(await lost())).toEqual([]);
  });
});

describe('a master of the older cluster', () => {
  it('tells a master of another one where it and the others are', async () => {
    const files = { ...DATA, 'fake/running-etcd': '', 'fake/cluster-192.168.50.12': 'cb\n' };
    const made = await master({ members: [OWN, M2, M3], files, env: { BOOT_ROLE: 'master-additional' } });
    await watch(made);
    expect(await calls(made)).toContain(
      'put --lease 1a2b coldstart/masters-of-another-cluster 192.168.50.11 192.168.50.12 192.168.50.13\n',
    );
  });

  it('says that there are two, and when it is over', async () => {
    const files = { ...DATA, 'fake/running-etcd': '', 'fake/cluster-192.168.50.12': 'cb\n' };
    const made = await master({ members: [OWN, M2, M3], files, env: { BOOT_ROLE: 'master-additional' } });
    expect(await watch(made)).toEqual(['clusters failed etcd-two-clusters']);
    await made.bash('rm "$COLDSTART_ROOT/fake/cluster-192.168.50.12"');
    expect(await watch(made)).toEqual(['clusters failed etcd-two-clusters', 'clusters done']);
    expect(await watch(made)).toHaveLength(2);
  });

  it('does not hold up the tokens when its own etcd does not answer', async () => {
    const made = await master({ env: SOON });
    expect(await made.bash('watch_clusters; echo on')).toEqual({ status: 0, output: 'on' });
  });
});
