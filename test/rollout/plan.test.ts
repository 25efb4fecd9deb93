/** Which rollouts do not begin, because Kubernetes forbids where they would lead: https://kubernetes.io/releases/version-skew-policy/ */
import { expect, test } from 'vitest';
import { planRollout, type PlanRequest } from '../../src/usecases/rollout/plan.ts';
import type { Comparison } from '../../src/usecases/rollout/comparison.ts';
import type { NodeReport, UpdateState } from '../../src/usecases/rollout/report.ts';

interface Cluster {
  /** Versions that nodes run; those whose name begins with `m` are masters. */
  readonly runs: Readonly<Record<string, string>>;
  readonly wants: string;
  readonly chosen?: readonly string[];
  readonly force?: boolean;
  /** Of the definition; the nodes run release 5. */
  readonly release?: number;
  readonly health?: NodeReport['health'];
  readonly state?: UpdateState;
  readonly comparisons?: Readonly<Record<string, Comparison>>;
  readonly preconditions?: PlanRequest['preconditions'];
}

const HEALTHY = { healthy: true, checks: [] };

function plan({ runs, wants, chosen, force = false, release = 6, health = HEALTHY, ...more }: Cluster) {
  const { state = 'good', comparisons = {}, preconditions = [] } = more;
  const names = Object.keys(runs);
  const report = (node: string): NodeReport => ({
    ...{ node, cluster: 'lab', boot: 'boot-1', certificate: null, warnings: [], health },
    update: {
      ...{ image: 'old', slot: 'A', release: 5, state, pending: null, reason: null, live: null },
      kubernetes: runs[node] ?? null,
    },
  });
  const request: PlanRequest = {
    nodes: names.map((name) => ({
      ...{ name, isMaster: name.startsWith('m'), isMember: true, isStorage: false, hasStateDisk: true },
    })),
    ...{ chosen, force, differences: new Map(), comparisons: new Map(Object.entries(comparisons)), preconditions },
    wanted: new Map(names.map((name) => [name, { image: `new-${name}`, release, kubernetes: wants }])),
    seen: new Map(names.map((node) => [node, { node, report: report(node), problem: null, away: false }])),
  };
  return planRollout(request);
}

test('the next minor version: masters first, then workers', () => {
  const { changes, refusals, isMinor } = plan({ runs: { w1: '1.35.6', m1: '1.35.6', m2: '1.35.6' }, wants: '1.36.3' });
  expect({ order: changes.map(({ node }) => node), refusals, isMinor }).toEqual({
    ...{ order: ['m1', 'm2', 'w1'], refusals: [], isMinor: true },
  });
});

test('a rollout that was interrupted between two masters goes on', () => {
  const { changes, refusals } = plan({ runs: { m1: '1.36.3', m2: '1.35.6', w1: '1.35.6' }, wants: '1.36.3' });
  expect([changes.length, refusals]).toEqual([3, []]);
});

test('a minor version that is skipped is refused, also with --force', () => {
  for (const force of [false, true])
    expect(plan({ runs: { m1: '1.34.8', w1: '1.34.8' }, wants: '1.36.3', force }).refusals).toEqual([
      'm1 runs Kubernetes 1.34.8, and the definition wants 1.36.3: API servers are updated one minor version at a time',
    ]);
});

test('a lower minor version needs --force', () => {
  const cluster = { runs: { m1: '1.36.3', w1: '1.36.3' }, wants: '1.35.6' };
  const [refusal, ...others] = plan(cluster).refusals;
  expect([refusal, others]).toEqual([expect.stringContaining('m1 runs Kubernetes 1.36.3'), []]);
  expect(plan({ ...cluster, force: true }).refusals).toEqual([]);
});

test('workers alone do not get ahead of the API servers, also with --force', () => {
  const cluster = { runs: { m1: '1.35.6', w1: '1.35.6' }, wants: '1.36.3', chosen: ['w1'] };
  for (const force of [false, true])
    expect(plan({ ...cluster, force }).refusals).toEqual([
      'w1 would run Kubernetes 1.36.3, and the API server of m1 1.35.6: update the masters first',
    ]);
});

test('an older release than a node runs needs --force', () => {
  const cluster = { runs: { m1: '1.35.6' }, wants: '1.35.6', release: 4 };
  expect(plan(cluster).refusals).toEqual([expect.stringContaining('m1 runs a newer release (5)')]);
  expect(plan({ ...cluster, force: true }).refusals).toEqual([]);
});

test('a cluster that is not healthy is named, and needs --force', () => {
  const health = { healthy: false, checks: [{ name: 'etcd', healthy: false, reason: 'no quorum' }] };
  const cluster = { runs: { m1: '1.35.6', w1: '1.35.6' }, wants: '1.35.6', health };
  expect(plan(cluster).refusals).toEqual(['m1: etcd: no quorum', 'w1: etcd: no quorum']);
  expect(plan({ ...cluster, force: true }).refusals).toEqual([]);
});

test('a change that a node can take without a restart does not restart it', () => {
  const changed = ['etc/kubernetes/own-labels', 'etc/rauc/system.conf'];
  const cluster = {
    ...{ runs: { m1: '1.35.6', w1: '1.35.6', w2: '1.35.6' }, wants: '1.35.6' },
    comparisons: { m1: { live: false, changed: ['etc/sysctl.d/x.conf'] }, w2: { live: true, changed } },
  };
  expect(plan(cluster).changes.map(({ node, group, way, why }) => [node, group, way, ...why])).toEqual([
    ['w2', 'live', 'live', 'release 5 → 6', '/etc/kubernetes/own-labels'],
    ['m1', 'master', 'restart', 'release 5 → 6'],
    ['w1', 'worker', 'restart', 'release 5 → 6'],
  ]);
});

test('what did not become good by a start is tried by a start', () => {
  const comparisons = { w1: { live: true, changed: [] } };
  for (const [state, way] of [
    ...[['returned', 'restart'] as const, ['trying', 'restart'] as const],
    ...[['good', 'live'] as const, ['pending', 'live'] as const],
  ]) {
    const { changes } = plan({ runs: { w1: '1.35.6' }, wants: '1.35.6', state, comparisons });
    expect(changes.map((change) => change.way)).toEqual([way]);
  }
});

test('a step of a rotation waits until each node has the step before it', () => {
  const runs = { m1: '1.35.6', w1: '1.35.6', w2: '1.35.6' };
  const rotated = (releases: Readonly<Record<string, number>>) =>
    plan({
      ...{ runs, wants: '1.35.6' },
      preconditions: [{ id: 'authorities/kubernetes', step: 'activate', before: 'stage', releases }],
    });
  expect(rotated({ m1: 5, w1: 5, w2: 4 }).refusals).toEqual([]);
  expect(rotated({ m1: 5, w1: 6, w2: 6 }).refusals).toEqual([
    'w1 and 1 further node do not have the step `stage` of the rotation of `authorities/kubernetes`, which must come before `activate`: update with the secrets store as it was before `activate`',
  ]);
  expect(rotated({ gone: 9 }).refusals).toEqual([]);
});
