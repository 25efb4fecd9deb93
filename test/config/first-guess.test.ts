/** The nodes that an image names: few, always the same ones for nodes of a kind, and never a worker. */
import { describe, expect, test } from 'vitest';
import type { Node } from '../../src/config/cluster.ts';
import { firstMaster, mastersKnownTo, monitorsKnownTo, nodesKnownTo } from '../../src/config/first-guess.ts';
import { timekeepersOf } from '../../src/config/timekeepers.ts';
import { cluster, node } from '../render/cluster.ts';

const masters = ['m-1', 'm-2', 'm-3', 'm-4'].map((name, index) =>
  node(name, index + 1, { roles: ['master'], bootRole: name === 'm-4' ? 'master-first' : 'master-additional' }),
);
const monitors = ['c-1', 'c-2', 'c-3', 'c-4'].map((name, index) =>
  node(name, index + 11, { roles: ['ceph-mon'], bootRole: 'storage' }),
);
const storage = node('o-1', 21, { roles: ['ceph-osd'], bootRole: 'storage' });
const worker = node('w-1', 31);
const of = cluster({ nodes: [...masters, ...monitors, storage, worker] });
const [master, monitor] = [masters[0] ?? worker, monitors[3] ?? worker];

const names = (nodes: readonly Node[]): string => nodes.map(({ name }) => name).join(' ');

describe('the first guess', () => {
  test('of masters: all for a master, the first one and two others for any other node', () => {
    expect(firstMaster(of)?.name).toBe('m-4');
    expect(names(mastersKnownTo(of, master))).toBe('m-1 m-2 m-3 m-4');
    for (const one of [monitor, storage, worker]) expect(names(mastersKnownTo(of, one))).toBe('m-1 m-2 m-4');
  });

  test('of monitors: all for a monitor, three for any other node', () => {
    expect(names(monitorsKnownTo(of, monitor))).toBe('c-1 c-2 c-3 c-4');
    for (const one of [master, storage, worker]) expect(names(monitorsKnownTo(of, one))).toBe('c-1 c-2 c-3');
  });

  test('of all nodes: the node itself, masters, and monitors for a node of Ceph', () => {
    expect(names(nodesKnownTo(of, worker))).toBe('m-1 m-2 m-4 w-1');
    expect(names(nodesKnownTo(of, storage))).toBe('c-1 c-2 c-3 m-1 m-2 m-4 o-1');
    expect(names(nodesKnownTo(of, master))).toBe('m-1 m-2 m-3 m-4');
  });

  test('of a cluster without masters', () => {
    const alone = cluster({ nodes: [...monitors, storage] });
    expect([firstMaster(alone), names(nodesKnownTo(alone, storage))]).toEqual([null, 'c-1 c-2 c-3 o-1']);
  });
});

test('time: masters follow only masters, monitors also monitors, nodes of Ceph both, workers masters', () => {
  expect(names(timekeepersOf(of, master))).toBe('m-2 m-3 m-4');
  expect(names(timekeepersOf(of, monitor))).toBe('m-1 m-2 m-4 c-1 c-2 c-3');
  expect(names(timekeepersOf(of, storage))).toBe('m-1 m-2 m-4 c-1 c-2 c-3');
  expect(names(timekeepersOf(of, worker))).toBe('m-1 m-2 m-4');
});
