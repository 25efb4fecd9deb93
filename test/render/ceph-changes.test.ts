/** Which nodes' images change when the Ceph nodes of a definition change: those that act on it, and no other. */
import { describe, expect, test } from 'vitest';
import { draftNode, wholeNode } from '../../src/render/plan/plan.ts';
import { diffSnapshots, snapshotOf } from '../../src/render/tree/diff.ts';
import { ALL_OF_CEPH, sound } from '../config/ceph.ts';
import { storeOf } from '../pki/clusters.ts';
import { SOURCES } from './sources.ts';

type Nodes = Readonly<Record<string, string>>;

const MASTERS = { 'm-1': 'master', 'm-2': 'master', 'm-3': 'master' };
const WORKERS = { 'w-1': 'worker', 'w-2': 'worker' };
const THREE = { 's-1': ALL_OF_CEPH, 's-2': ALL_OF_CEPH, 's-3': ALL_OF_CEPH };
const ceph = '{ cephfs: true, dashboard: true }';

/** The nodes of both whose files differ, by name. */
async function changed(before: Nodes, after: Nodes): Promise<string[]> {
  const [was, is] = [await sound({ nodes: before, ceph }), await sound({ nodes: after, ceph })];
  return was.nodes.flatMap((node) => {
    const then = is.nodes.find(({ name }) => name === node.name);
    if (then === undefined) return [];
    const sides = [draftNode(was, node, SOURCES), draftNode(is, then, SOURCES)].map(snapshotOf);
    return diffSnapshots(sides[0]!, sides[1]!).length === 0 ? [] : [node.name];
  });
}

describe('only these images change', () => {
  const base = { ...MASTERS, ...WORKERS, ...THREE, 's-4': 'ceph-osd', 's-5': 'ceph-mon, ceph-mgr' };
  const monitors = ['s-1', 's-2', 's-3', 's-5'];

  test.each<[string, string, string[]]>([
    ['a storage node', 'ceph-osd', []],
    ['a manager, with its metadata server', 'ceph-mgr', []],
    ['a monitor', 'ceph-mon', monitors],
    ['a monitor with everything', ALL_OF_CEPH, monitors],
  ])('for %s that is added or removed', async (_, roles, expected) => {
    const more = { ...base, 's-6': roles };
    expect(await changed(base, more)).toEqual(expected);
    expect(await changed(more, base)).toEqual(expected);
  });

  test('while the copies follow the number of hosts: those of the monitors, which keep them', async () => {
    const two = { ...MASTERS, ...WORKERS, 's-1': ALL_OF_CEPH, 's-2': 'ceph-osd' };
    expect(await changed(two, { ...two, 's-3': 'ceph-osd' })).toEqual(['s-1']);
  });

  test('while there are fewer than three monitors: all that look for them', async () => {
    const two = { ...MASTERS, ...WORKERS, 's-1': ALL_OF_CEPH, 's-2': 'ceph-osd', 's-3': 'ceph-osd', 's-4': 'ceph-mgr' };
    expect(await changed(two, { ...two, 's-5': 'ceph-mon' })).toEqual([
      ...Object.keys(MASTERS),
      's-1',
      's-2',
      's-3',
      's-4',
    ]);
  });
});

test('a manager, whose image does not have the number of copies, does not compare its own default with the number of OSDs', async () => {
  const of = await sound({
    nodes: { ...MASTERS, ...WORKERS, 's-1': 'ceph-mon, ceph-osd', 's-2': 'ceph-mgr, ceph-osd' },
    ceph,
  });
  const manager = of.nodes.find(({ name }) => name === 's-2')!;
  const conf = wholeNode(of, manager, SOURCES, await storeOf(of)).find(({ path }) => path === 'etc/ceph/ceph.conf');
  const text = conf?.type === 'file' ? new TextDecoder().decode(conf.content) : '';
  expect(text).not.toContain('osd_pool_default_size');
  expect(text).toMatch(/^\[mgr\]$[^[]*^mon_warn_on_too_few_osds = false$/m);
});
