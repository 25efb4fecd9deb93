/** Upstream's fields by version: what Go reads of a document, and what it refuses. */
import { describe, expect, test } from 'vitest';
import type { Fields } from '../../src/config/kubernetes/documents.ts';
import { fieldFaults } from '../../src/config/kubernetes/field-faults.ts';
import { KINDS } from '../../src/config/kubernetes/kept/fields.ts';
import { UPSTREAM_FIELDS } from '../../src/config/kubernetes/upstream-fields.ts';

const KUBELET = 'kubelet/KubeletConfiguration';
const faults = (document: Fields, version = '1.35.4', type = KUBELET): string[] =>
  fieldFaults(document, type, version).map(({ kind, path }) => `${kind} ${path.join('.')}`);

describe('a field', () => {
  test('is of the version: gone, new, and always there', () => {
    const plugins = { profiles: [{ plugins: { placementScore: {} } }] };
    const scheduler = 'kube-scheduler/KubeSchedulerConfiguration';
    expect(faults(plugins, '1.35.4', scheduler)).toEqual(['unknown profiles.0.plugins.placementScore']);
    expect(faults(plugins, '1.36.0', scheduler)).toEqual([]);
    expect(fieldFaults({ tlsCurvePreferences: [29] }, KUBELET, '1.34.1')).toMatchObject([
      { kind: 'unknown', why: 'it is there since 1.36' },
    ]);
  });

  test('has one spelling, and the right one is proposed', () => {
    expect(fieldFaults({ maxpods: 1 }, KUBELET, '1.33.0')).toMatchObject([{ meant: 'maxPods' }]);
    expect(faults({ maxPods: 1 }, '1.33.0')).toEqual([]);
  });
});

test.each([
  ['maxPods', [110, 0, -1], ['110', 1.5, true, [1], {}]],
  ['seccompDefault', [true, false], ['true', 1, {}]],
  ['clusterDomain', ['cluster.local', ''], [1, true, ['x'], {}]],
  ['shutdownGracePeriod', ['60s', '1h30m', '1.5h', '0', '0s', '-1s', '100ms', '1µs'], [60, '60', '1d', '60 s', 'soon', '']],
  ['memoryThrottlingFactor', [0.9, 1], ['0.9', true]],
  ['kubeReserved', [{ cpu: '1', 'memory': '1Gi' }, {}], [{ cpu: 1 }, 'cpu=1', ['cpu']]],
  ['featureGates', [{ Any: true }], [{ Any: 'true' }]],
  ['clusterDNS', [['10.96.0.10'], []], ['10.96.0.10', [1]]],
  ['reservedMemory', [[{ numaNode: 0, limits: { memory: '1Gi', 'hugepages-2Mi': 0 } }]], [[{ limits: { memory: true } }]]],
])('%s', (field, good, bad) => {
  expect(good.filter((value) => faults({ [field]: value }).length > 0)).toEqual([]);
  expect(bad.filter((value) => faults({ [field]: value }).length === 0)).toEqual([]);
  expect(faults({ [field]: null })).toEqual([]);
}); // prettier-ignore

test('every type that the table names is in it, and so is every document of the schema', () => {
  const named = Object.values(UPSTREAM_FIELDS).flatMap((text) => text.match(/[a-z-]+\/[A-Z]\w+/g) ?? []);
  const roots = Object.values(KINDS).map(({ type }) => type);
  expect([...named, ...roots].filter((type) => !(type in UPSTREAM_FIELDS))).toEqual([]);
  for (const type of roots) expect(faults({ apiVersion: 'v1', kind: 'X' }, '1.36.0', type)).toEqual([]);
});

test('the table has lost no fields of the kubelet', () => {
  expect((UPSTREAM_FIELDS[KUBELET] ?? '').trim().split(/\s+/).length).toBeGreaterThan(120);
});
