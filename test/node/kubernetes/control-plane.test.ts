/**
 * Masters and workers form a cluster, with a fake etcd of three members: every way to join, every interruption, and the
 * errata 4, 6, 7, 16, 20, 21, 24 and 26 (docs/ORIGINS.md). Real Kubernetes is in test/image/kubernetes/masters.test.ts.
 */
import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { machine, UUID, type Machine } from '../machine.ts';
import { additional, calls, DATA, M2, M3, master, member, SOON, state, STATE, stopped, type Case } from './master.ts';

describe('the first master', () => {
  it('founds a cluster of itself alone when nobody knows one, and starts everything in order (errata 4, 6, 7, 20, 21)', async () => {
    const made = await master();
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(0);
    expect(await made.read('run/cluster/etcd.env')).toBe(
      'ETCD_INITIAL_CLUSTER="master-01=https://192.168.50.11:2380"\nETCD_INITIAL_CLUSTER_STATE="new"\n' +
        `ETCD_INITIAL_CLUSTER_TOKEN="lab-${UUID}"\n`,
    );
    const started = (await calls(made)).split('\n').filter((line) => line.startsWith('start '));
    expect(started.map((line) => line.slice(6))).toEqual([
      ...[
        'etcd',
        'haproxy',
        'kube-apiserver',
        'cluster-addons.service',
        'cluster-nodes.timer',
        'cluster-etcd-snapshot.timer',
      ],
      ...['kube-controller-manager', 'kube-scheduler', 'containerd', 'kubelet', 'kube-proxy'],
      'cluster-hooks@after-join.service',
    ]);
    expect(await state(made, 'bootstrap-state')).toBe('bootstrapped\n');
    expect(await state(made, 'etcd-member-id')).toBe('a1\n');
    expect(await made.steps()).toContain('bootstrap done');
  });

  it('starts no service proxy where the image has none, and does not miss the program', async () => {
    const made = await master();
    await rm(made.path('etc/systemd/system/kube-proxy.service'));
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(0);
    expect(await calls(made)).not.toContain('kube-proxy');
    expect(await made.steps()).toContain('bootstrap done');
  });

  it('joins the cluster that another master knows, and removes its own ghost first (errata 24, 26)', async () => {
    const made = await master({ members: [member('a1', 'master-01', '192.168.50.11'), M2, M3] });
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(0);
    expect(await made.read('run/cluster/etcd.env')).toBe(
      'ETCD_INITIAL_CLUSTER="x=y"\nETCD_INITIAL_CLUSTER_STATE="existing"\n',
    );
    const said = (await calls(made)).split('\n').filter((line) => /^member (add|remove|promote)/.test(line));
    expect(said).toEqual([
      'member remove a1',
      'member add master-01 --learner --peer-urls https://192.168.50.11:2380',
      'member promote a9',
      'member promote a9',
    ]);
    expect([await state(made, 'etcd-member-id'), await state(made, 'bootstrap-state')]).toEqual([
      'a9\n',
      'bootstrapped\n',
    ]);
  });

  it('founds nothing while another master is there but does not answer', async () => {
    const made = await master({ files: { 'fake/silent': '192.168.50.12\n' }, env: SOON });
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(1);
    expect(await stopped(made)).toBe('etcd failed etcd-silent-master');
    expect(await state(made, 'bootstrap-state')).toBe('');
    expect(await calls(made).catch(() => '')).toBe('');
  });

  it('waits for the quorum of a cluster that it knows of, and founds no other', async () => {
    const made = await master({ members: [M2, M3], files: { 'fake/no-quorum': '' }, env: SOON });
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(1);
    expect(await stopped(made)).toBe('etcd failed etcd-no-cluster');
  });
});

describe('a further master', () => {
  it('waits for a cluster, and says so', async () => {
    const made = await additional({ env: SOON });
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await made.steps()).toContain('etcd waiting etcd-no-cluster');
    expect(await stopped(made)).toBe('etcd failed etcd-no-cluster');
  });

  it('waits for its turn while another one is a learner that answers', async () => {
    const made = await additional({ members: [M2, member('c3', 'master-03', '192.168.50.13', true)], env: SOON });
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await made.steps()).toContain('etcd waiting etcd-learner-busy');
    expect(await made.read('fake/members')).toContain('c3, ');
  });

  it.each(['', 'master-03'])('takes the place of a learner "%s" that is gone', async (name) => {
    const made = await additional({
      members: [M2, member('c3', name, '192.168.50.13', true)],
      files: { 'fake/dead': 'https://192.168.50.13:2379\n' },
      env: { COLDSTART_GRACE: '1' },
    });
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await calls(made)).toContain('member remove c3\n');
  });

  it.each<[string, Case]>([
    ['the member was added', { members: [M2, M3, member('a9', '', '192.168.50.11', true)] }],
    [
      'its etcd was started',
      {
        members: [M2, M3, member('a9', 'master-01', '192.168.50.11', true)],
        files: { ...DATA, 'fake/own-id': 'a9\n' },
      },
    ],
    [
      'it was promoted',
      { members: [M2, M3, member('a9', 'master-01', '192.168.50.11')], files: { ...DATA, 'fake/own-id': 'a9\n' } },
    ],
    ['the others gave its join up', { members: [M2, M3], files: DATA }],
  ])('joins after a power cut when %s', async (_, of) => {
    const made = await additional(of);
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect([await state(made, 'etcd-member-id'), await state(made, 'bootstrap-state')]).toEqual(['a9\n', 'joined\n']);
    const own = (await made.read('fake/members')).split('\n').filter((line) => line.includes('192.168.50.11'));
    expect(own.map((line) => line.replace(/,.*, /, ' '))).toEqual(['a9 false']);
  });

  it('starts again what it ran, without joining again', async () => {
    const made = await additional({
      members: [M2, M3, member('a1', 'master-01', '192.168.50.11')],
      files: { ...DATA, [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/etcd-member-id`]: 'a1\n' },
    });
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await calls(made)).not.toMatch(/member (add|remove|promote)/);
    expect(await calls(made)).toContain('start kubelet\n');
  });

  it.each<[string, string, Case]>([
    ['etcd-member-removed', 'it was removed while it was off', { members: [M2, M3] }],
    [
      'etcd-member-mismatch',
      'its data is another member (erratum 20)',
      { members: [M2, M3, member('a1', 'master-01', '192.168.50.11')], files: { 'fake/own-id': 'ff\n' } },
    ],
    [
      'etcd-two-clusters',
      'the larger part belongs to another cluster',
      {
        members: [M2, M3, member('a1', 'master-01', '192.168.50.11')],
        files: { 'fake/cluster-192.168.50.12': 'cb\n', 'fake/cluster-192.168.50.13': 'cb\n' },
      },
    ],
  ])('stops with %s when %s', async (cause, _, of) => {
    const kept = { [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/etcd-member-id`]: 'a1\n' };
    const made = await additional({
      ...of,
      files: { ...DATA, ...kept, [`${STATE}/etcd-cluster-id`]: 'ca\n', ...of.files },
    });
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await stopped(made)).toBe(`etcd failed ${cause}`);
  });
});

describe('a master whose address has changed', () => {
  const old = member('a1', 'master-01', '192.168.50.99');
  const kept = { ...DATA, [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/etcd-member-id`]: 'a1\n' };
  const said = async (made: Machine): Promise<string[]> =>
    (await calls(made)).split('\n').filter((line) => /^member (add|remove|update)/.test(line));
  const told = ['member update a1 --peer-urls https://192.168.50.11:2380'];

  it.each<[string, Case]>([
    ['it can ask', { members: [M2, M3, old], files: kept }],
    ['are not where its image has them', { files: { ...kept, 'fake/own-members': `${M2}\n${old}\n` } }],
    ['are none', { files: { ...kept, 'fake/own-members': `${old}\n` } }],
  ])('has it noted where the others %s, by its own etcd, once', async (_, of) => {
    const made = await additional(of);
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await said(made)).toEqual(told);
    await made.restart();
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await said(made)).toEqual(told);
  });

  it('has it noted by the others while its own etcd does not get ready', async () => {
    const files = { ...kept, 'fake/broken': 'etcd\n', 'fake/own-members': `${old}\n`, 'fake/running-peer-port': '' };
    const made = await additional({ members: [M2, M3, old], files, env: { COLDSTART_DEADLINE: '3' } });
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await said(made)).toEqual(told);
  });

  it('takes no member of another name for itself, and says whose address it has', async () => {
    const other = member('b2', 'master-02', '192.168.50.11');
    const made = await additional({ members: [other, M3], env: SOON });
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await calls(made)).not.toContain('member remove');
    expect((await made.ledger()).at(-1)?.message).toContain('192.168.50.11 is still the address of master-02');
  });

  it('knows the members of its etcd, not the older list of its image', async () => {
    const came = member('d4', 'master-04', '192.168.50.14');
    const made = await additional({ members: [M2, came, old], files: { ...kept, 'fake/running-etcd': '' } });
    expect((await made.bash('ETCD_MASTER_IPS="$NODE_IP 192.168.50.12"; other_masters')).output.split('\n')).toEqual([
      ...['192.168.50.12', '192.168.50.14'],
    ]);
  });

  it('keeps it waiting, and says so, while no majority notes it', async () => {
    const made = await additional({ members: [M2, M3, old], files: { ...kept, 'fake/refusal': '' }, env: { COLDSTART_DEADLINE: '3' } }); // prettier-ignore
    expect((await made.run('join-additional-master.sh')).status).toBe(1);
    expect(await stopped(made)).toBe('etcd failed etcd-old-address');
  });
});

describe('a reset', () => {
  const joined = { ...DATA, [`${STATE}/bootstrap-state`]: 'joined\n', [`${STATE}/etcd-member-id`]: 'a1\n' };

  it('takes the member out of etcd and its data off the disk (erratum 24)', async () => {
    const members = [M2, M3, member('a1', 'master-01', '192.168.50.11')];
    const made = await additional({ members, files: joined });
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(0);
    expect(await made.read('fake/members')).toBe(`${M2}\n${M3}\n`);
    expect(await state(made, 'bootstrap-state')).toBe('uninitialized\n');
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await calls(made)).toContain('member add master-01');
  });

  it('leaves etcd while it runs, since without this vote the other one of two could not decide it', async () => {
    const members = [M2, member('a1', 'master-01', '192.168.50.11')];
    const made = await additional({ members, files: { ...joined, 'fake/running-etcd': '' } });
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(0);
    expect(await calls(made)).toContain('member remove a1\netcd runs\n');
    await expect(made.read('fake/running-etcd')).rejects.toThrow();
  });

  it('changes nothing when the others would be too few without this one', async () => {
    const members = [M2, M3, member('a1', 'master-01', '192.168.50.11')];
    const made = await additional({ members, files: { ...joined, 'fake/refusal': '' }, env: SOON });
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(1);
    expect(await stopped(made)).toBe('reset skipped reset-refused');
    expect([await state(made, 'bootstrap-state'), await state(made, 'etcd-member-id')]).toEqual(['joined\n', 'a1\n']);
    expect(await made.read('var/lib/etcd/member/wal/0.wal')).toBe('');
    expect(await calls(made)).toContain('start cluster-bootstrap\n');
  });

  it('that the power cut off between the data and the state is made up for by joining anew', async () => {
    const made = await additional({ members: [M2, M3], files: { ...joined, [`${STATE}/etcd-cluster-id`]: 'ca\n' } });
    await made.bash('rm -r "$ETCD_DIR/member"');
    expect((await made.run('join-additional-master.sh')).status).toBe(0);
    expect(await state(made, 'etcd-member-id')).toBe('a9\n');
  });

  it('says when no other master could be told', async () => {
    const made = await additional({ files: joined, env: SOON });
    expect((await made.run('reset-bootstrap.sh', '--yes')).output).toContain('no other master was reached');
    expect(await state(made, 'bootstrap-state')).toBe('uninitialized\n');
  });
});

describe('a service that does not become ready', () => {
  it.each([
    ['etcd', 'etcd failed etcd-not-ready'],
    ['kube-apiserver', 'api failed service-not-ready'],
    ['kube-scheduler', 'controllers failed service-not-ready'],
  ])('%s stops the script, and the next attempt goes on there', async (unit, expected) => {
    const made = await master({ files: { 'fake/broken': `${unit}\n` }, env: { COLDSTART_DEADLINE: '3' } });
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(1);
    expect(await stopped(made)).toBe(expected);
    expect(await state(made, 'bootstrap-state')).toBe('');
    await made.write('fake/broken', '');
    expect((await made.run('bootstrap-first-master.sh')).status).toBe(0);
    expect(await state(made, 'bootstrap-state')).toBe('bootstrapped\n');
  });
});

describe('a worker', () => {
  const worker = (files: Case['files'] = {}): Promise<Machine> =>
    master({
      env: { BOOT_ROLE: 'worker', NODE_ROLES: 'worker', COLDSTART_DEADLINE: '3' },
      files: {
        'etc/kubernetes/bootstrap-kubelet.conf': 'users:\n- user:\n    token: abcdef.made-up\n',
        'var/lib/kubelet/kubelet.conf': '',
        'var/lib/kubelet/pki/kubelet-client-current.pem': 'made up\n',
        ...files,
      },
    });

  it('is joined when the API server lists it as started now', async () => {
    const made = await worker();
    expect((await made.run('join-worker.sh')).status).toBe(0);
    expect(await state(made, 'bootstrap-state')).toBe('joined\n');
  });

  it.each([
    ['an earlier life of it is listed', { 'fake/boot-id': 'another' }, 'node failed not-registered'],
    ['it has nothing to join with', { 'etc/kubernetes/bootstrap-kubelet.conf': '' }, ''],
  ])('is not when %s (erratum 21)', async (_, files, expected) => {
    const made = await worker(files);
    if (expected === '') {
      await made.bash('rm "$COLDSTART_ROOT"/{etc/kubernetes/bootstrap-kubelet,var/lib/kubelet/kubelet}.conf');
    }
    expect((await made.run('join-worker.sh')).status).toBe(1);
    expect(await stopped(made)).toBe(expected === '' ? 'bootstrap failed join-information-missing' : expected);
    expect(await state(made, 'bootstrap-state')).toBe('');
  });

  it('says that its token is refused, without the token', async () => {
    const made = await worker({ 'fake/api-status': '401\n' });
    await made.bash('rm "$COLDSTART_ROOT/var/lib/kubelet/kubelet.conf"');
    expect((await made.run('join-worker.sh')).status).toBe(1);
    expect(await made.steps()).toContain('token waiting token-refused');
    expect(await stopped(made)).toBe('token failed token-refused');
    expect(JSON.stringify(await made.ledger())).not.toContain('abcdef');
    expect(await calls(made)).not.toContain('abcdef');
  });
});

describe('tokens', () => {
  const ready = (name: string, status: string) => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status }] },
  });
  const plan = async (since: string, items: readonly object[], table: string, renewed: object = {}) => {
    const namespace = { metadata: { creationTimestamp: since, annotations: renewed } };
    const made = await machine({
      env: { API_PORT: '6443', TOKEN_TTL: '3600' },
      files: { 'etc/kubernetes/admin.conf': '', nodes: JSON.stringify({ items }), table },
    });
    await made.command('curl', `printf '%s\\n200 ' '${JSON.stringify(namespace)}'`);
    const { output } = await made.bash(`cd "$COLDSTART_ROOT"; plan_tokens "$(<nodes)" "$NO_SECRETS" '' '' <table`);
    const { keep, remove } = JSON.parse(output) as {
      keep: { items: { metadata: { name: string } }[] };
      remove: string[];
    };
    return { keep: keep.items.map(({ metadata }) => metadata.name.slice(16)), remove: remove.map((n) => n.slice(16)) };
  };
  const TABLE = 'w1\taaaaaa.s\nw2\tbbbbbb.s\nw3\tcccccc.s\n';
  const nodes = [ready('w1', 'True'), ready('w2', 'Unknown')];
  const now = new Date().toISOString().replace(/\.\d+/, '');

  it('are for nodes that are missing, and end once they are used', async () => {
    expect(await plan(now, nodes, TABLE)).toEqual({ keep: ['bbbbbb', 'cccccc'], remove: ['aaaaaa'] });
  });

  it('of nodes that never joined expire; a member that is lost keeps its own; a person may renew one', async () => {
    const old = '2026-01-01T00:00:00Z';
    expect(await plan(old, nodes, TABLE)).toEqual({ keep: ['bbbbbb'], remove: ['aaaaaa', 'cccccc'] });
    const renewed = { 'renewed.coldstart/w3': now, 'renewed.coldstart/w1': now };
    expect(await plan(old, nodes, TABLE, renewed)).toEqual({ keep: ['bbbbbb', 'cccccc'], remove: ['aaaaaa'] });
    const longAgo = { 'renewed.coldstart/w3': old };
    expect(await plan(old, nodes, TABLE, longAgo)).toEqual({ keep: ['bbbbbb'], remove: ['aaaaaa', 'cccccc'] });
  });

  it("of the user's own are every node's", async () => {
    expect(await plan(now, nodes, 'w1\taaaaaa.s\nw2\taaaaaa.s\n')).toEqual({ keep: ['aaaaaa'], remove: [] });
    expect(await plan(now, nodes, 'w1\taaaaaa.s\n')).toEqual({ keep: [], remove: ['aaaaaa'] });
  });
});
