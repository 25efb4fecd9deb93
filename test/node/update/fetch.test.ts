/** Nodes that fetch their updates: one at a time, never beside a rollout, and none after a failure. */
import { describe, expect, it } from 'vitest';
import { fetchingCluster, type FetchingCluster } from './fetching.ts';

const rollout = (cluster: FetchingCluster, verb: string): Promise<{ status: number; output: string }> =>
  cluster.master.run('cluster-rollout.sh', verb, 'alice@desk/1', ...(verb === 'lock' ? ['120'] : []));
const minutesAgo = (minutes: number): string =>
  new Date(Date.now() - minutes * 60_000).toISOString().replace('Z', '000Z');

describe('a node that fetches', () => {
  it('restarts into a newer release when it is its turn, and is in service again when that is good', async () => {
    const cluster = await fetchingCluster();
    const { 'worker-01': node } = cluster.nodes;
    expect(await cluster.fetch('worker-01')).toBe(''); // the folder has nothing
    await cluster.publish('worker-01', 7);
    await cluster.fetch('worker-01');
    expect(await cluster.hasLeft('worker-01')).toBe(true);
    expect(await cluster.cordoned()).toEqual(['worker-01']);
    expect((await cluster.lease()).spec).toMatchObject({
      holderIdentity: 'node/worker-01/7',
      leaseDurationSeconds: 5400,
    });
    // Nobody else meanwhile.
    await cluster.publish('worker-02', 7);
    expect(await cluster.fetch('worker-02')).toContain('waits: node/worker-01/7 updates this cluster since');
    expect(await cluster.hasLeft('worker-02')).toBe(false);
    expect((await rollout(cluster, 'lock')).status).toBe(3);
    expect(await cluster.restart('worker-01')).toBe('B');
    await node!.write('fake/time', '12:00\n'); // the hours are over
    await cluster.fetch('worker-01');
    expect(await cluster.cordoned()).toEqual([]);
    expect((await cluster.lease()).spec.holderIdentity).toBe('');
    expect(await cluster.failure()).toBe(null);
    await cluster.fetch('worker-02');
    expect(await cluster.hasLeft('worker-02')).toBe(true);
  });

  it('does nothing outside of its hours, while a rollout is under way, and when nothing is newer', async () => {
    const cluster = await fetchingCluster();
    const node = cluster.nodes['worker-01']!;
    await cluster.publish('worker-01', 7);
    await node.write('fake/time', '21:59\n');
    expect(await cluster.fetch('worker-01')).toBe('');
    await node.write('fake/time', '03:59\n');
    expect((await rollout(cluster, 'lock')).status).toBe(0);
    expect(await cluster.fetch('worker-01')).toContain('waits: alice@desk/1 updates this cluster');
    await rollout(cluster, 'unlock');
    await cluster.publish('worker-01', 6);
    expect(await cluster.fetch('worker-01')).toContain('has none that is newer');
    expect(await cluster.hasLeft('worker-01')).toBe(false);
    expect(await node.read('fake/rauc')).not.toContain('install');
  });

  it('gives up what has to wait for long, and does not write it again', async () => {
    const cluster = await fetchingCluster();
    const node = cluster.nodes['worker-01']!;
    await cluster.publish('worker-01', 7);
    await cluster.put('budget', '');
    expect(await cluster.fetch('worker-01')).toContain('Cannot evict pod');
    expect(await cluster.hasLeft('worker-01')).toBe(false);
    expect(await cluster.cordoned()).toEqual([]);
    expect((await cluster.lease()).spec.holderIdentity).toBe('');
    expect((await node.status())['state']).toBe('good');
    await cluster.unput('budget');
    await cluster.fetch('worker-01');
    expect(await cluster.hasLeft('worker-01')).toBe(true);
    expect((await node.read('fake/rauc')).match(/^install /gm)).toHaveLength(1);
  });

  it('says that no master answers', async () => {
    const cluster = await fetchingCluster();
    await cluster.publish('worker-01', 7);
    await cluster.put('masters-down', '');
    await cluster.fetch('worker-01');
    expect((await cluster.nodes['worker-01']!.steps()).at(-1)).toBe('update failed masters-silent');
    await cluster.unput('masters-down');
    await cluster.fetch('worker-01');
    expect(await cluster.hasLeft('worker-01')).toBe(true);
  });

  it('takes back what a power cut has interrupted before the restart', async () => {
    const cluster = await fetchingCluster();
    const node = cluster.nodes['worker-01']!;
    await cluster.publish('worker-01', 7);
    await cluster.fetch('worker-01');
    await node.write('fake/time', '12:00\n');
    // It was let restart, and did not: the machine has come up again by itself in its former slot, or is still the same.
    await cluster.fetch('worker-01');
    expect((await cluster.lease()).spec.holderIdentity).toBe('');
    expect(await cluster.cordoned()).toEqual([]);
    expect((await node.record())['state']).toBe('given-up');
  });
});

describe('two nodes at the same time', () => {
  it('one goes', async () => {
    const cluster = await fetchingCluster({ 'master-01': 'master', a: 'worker', b: 'worker', c: 'worker' });
    const names = ['a', 'b', 'c'];
    await Promise.all(names.map((name) => cluster.publish(name, 7)));
    await Promise.all(names.map((name) => cluster.fetch(name)));
    const left = await Promise.all(names.map((name) => cluster.hasLeft(name)));
    expect(left.filter((one) => one)).toHaveLength(1);
    expect(await cluster.cordoned()).toEqual(names.filter((_, index) => left[index]));
  });
});

describe('a release that fails on a node', () => {
  it('is not tried by the others until that node has a newer one', async () => {
    const cluster = await fetchingCluster();
    for (const name of ['worker-01', 'worker-02']) await cluster.publish(name, 7);
    await cluster.fetch('worker-01');
    await cluster.restart('worker-01', false);
    await cluster.restart('worker-01');
    await cluster.fetch('worker-01');
    expect(await cluster.failure()).toMatchObject({
      node: 'worker-01',
      release: 7,
      reason: expect.any(String) as string,
    });
    expect(await cluster.cordoned()).toEqual([]);
    expect(await cluster.fetch('worker-02')).toContain('release 7 has failed on worker-01');
    expect(await cluster.hasLeft('worker-02')).toBe(false);
    await cluster.fetch('worker-01');
    expect(await cluster.hasLeft('worker-01')).toBe(false);
    const { output } = await cluster.master.run('cluster-rollout.sh', 'turn');
    expect(JSON.parse(output)).toMatchObject({ fetching: null, failed: { node: 'worker-01', release: 7 } });
    await cluster.publish('worker-01', 8);
    await cluster.fetch('worker-01');
    await cluster.restart('worker-01');
    await cluster.fetch('worker-01');
    expect(await cluster.failure()).toBe(null);
    await cluster.fetch('worker-02');
    expect(await cluster.hasLeft('worker-02')).toBe(true);
  });

  it('is one that does not come back, and a person can end that', async () => {
    const cluster = await fetchingCluster();
    for (const name of ['worker-01', 'worker-02']) await cluster.publish(name, 7);
    await cluster.fetch('worker-01');
    const held = await cluster.lease();
    await cluster.setLease({ ...held, spec: { ...held.spec, renewTime: minutesAgo(91) } });
    const { output } = await cluster.master.run('cluster-rollout.sh', 'turn');
    expect(JSON.parse(output)).toMatchObject({ failed: { node: 'worker-01', reason: 'it did not come back' } });
    expect(await cluster.fetch('worker-02')).toContain('release 7 has failed on worker-01: it did not come back');
    // A rollout of a person may begin.
    expect((await rollout(cluster, 'lock')).status).toBe(0);
    expect(await cluster.failure()).toMatchObject({ node: 'worker-01', release: 7 });
    await rollout(cluster, 'unlock');
    await cluster.master.run('cluster-rollout.sh', 'forgive');
    await cluster.fetch('worker-02');
    expect(await cluster.hasLeft('worker-02')).toBe(true);
  });
});

describe('a master', () => {
  const masters = { 'master-01': 'master', 'master-02': 'master', 'master-03': 'master', 'worker-01': 'worker' };

  it('does not leave while etcd needs it', async () => {
    const cluster = await fetchingCluster(masters);
    await cluster.publish('master-02', 7);
    await cluster.put('ill', 'master-03');
    expect(await cluster.fetch('master-02')).toContain('without master-02, 1 of the other members of etcd are healthy');
    expect(await cluster.hasLeft('master-02')).toBe(false);
    expect((await cluster.lease()).spec.holderIdentity).toBe('');
    await cluster.unput('ill');
    await cluster.fetch('master-02');
    expect(await cluster.hasLeft('master-02')).toBe(true);
  });

  it('goes to a new minor version of Kubernetes before a worker', async () => {
    const cluster = await fetchingCluster(masters);
    for (const name of ['master-01', 'worker-01']) await cluster.publish(name, 7, '1.36.1');
    expect(await cluster.fetch('worker-01')).toContain('the oldest master runs Kubernetes 1.35, so 1.36 has to wait');
    await cluster.publish('master-02', 7, '1.37.0');
    expect(await cluster.fetch('master-02')).toContain('so 1.37 has to wait');
    await cluster.fetch('master-01');
    expect(await cluster.hasLeft('master-01')).toBe(true);
  });
});

it('the hours of a day', async () => {
  const { nodes } = await fetchingCluster({ 'master-01': 'master', 'worker-01': 'worker' });
  const asked = (hours: string, times: readonly string[]) =>
    nodes['worker-01']!.bash(
      `source "$LIB_DIR/update/fetch.sh"; FETCH_HOURS='${hours}'; for t in ${times.join(' ')}; do is_in_hours "$t" && printf '%s ' "$t"; done; true`,
    );
  const times = ['00:00', '03:59', '04:00', '12:00', '12:30', '21:59', '22:00', '23:59'];
  expect((await asked('22:00-04:00', times)).output).toBe('00:00 03:59 22:00 23:59 ');
  expect((await asked('12:00-12:30 22:00-24:00', times)).output).toBe('12:00 22:00 23:59 ');
  expect((await asked('00:00-24:00', times)).output.trim().split(' ')).toEqual(times);
});
