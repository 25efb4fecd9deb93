/**
 * Loss of a majority of the monitors, and of all monitors, with Debian's real Ceph in containers: no node founds a
 * second cluster, and a person recovers the first one, from the remaining monitor or from the OSDs. The tests build on
 * each other.
 */
import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cephDefinition, macOf, nameOf } from '../image/ceph/ceph-definition.ts';
import { expectDone, expectWell, readFileFrom, readImage, summaryBy } from '../image/ceph/ceph-life.ts';
import { WAIT, writeFileTo, writeImage } from '../image/ceph/ceph-life.ts';
import { cephRoot } from '../image/ceph/ceph-root.ts';
import { eventually, Rack, treesOf, type RackNode } from '../image/containers/rack.ts';

const root = await cephRoot();
const missing =
  root === null ? ' (needs systemd-nspawn, root and a root file system with Ceph: COLDSTART_TEST_CEPH_ROOT)' : '';
const NOTE = 'written before the monitors were lost';
const COLLECTED = '/var/collected';

describe.skipIf(root === null)(`a cluster of Ceph whose monitors are lost${missing}`, () => {
  let rack: Rack;
  let nodes: readonly RackNode[];
  const at = (index: number): RackNode => nodes[index] as RackNode;
  let written = '';

  /** Somebody who answers the question with the node's name. */
  const recover = (node: RackNode, ...words: readonly string[]) =>
    node.run('bash', '-c', `cluster-ceph-recover.sh ${words.join(' ')} <<<${node.name}`);

  const lose = async (node: RackNode): Promise<void> => {
    await node.cutPower();
    node.blankState();
  };

  beforeAll(async () => {
    const trees = await treesOf(cephDefinition({ cephfs: true }));
    rack = new Rack(root ?? '');
    nodes = [0, 1, 2].map((index) => rack.add(nameOf(index), macOf(index), trees.get(nameOf(index)) ?? []));
    nodes.forEach((node) => {
      node.switchOn();
    });
    await expectWell(at(0));
    await expectDone(nodes);
    written = await writeImage(at(0));
    await writeFileTo(at(0), NOTE);
  });
  afterAll(async () => {
    await rack.remove();
  });

  it('is left alone as long as a majority answers', async () => {
    const { status, stderr } = await recover(at(0), '--survivor');
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('a majority of the monitors answers; nothing was changed'),
    ]);
    await expectWell(at(0));
  });

  it('goes on with the monitor that is left, and the lost ones join it', async () => {
    await Promise.all([lose(at(1)), lose(at(2))]);
    // The one that is left believes in its quorum until a lease has run out.
    const { status, stderr } = await eventually(
      WAIT,
      () => recover(at(0), '--survivor'),
      (outcome) => outcome.status === 0,
    );
    expect([status, stderr]).toEqual([0, expect.stringContaining('done; start the other monitors')]);
    at(1).switchOn();
    at(2).switchOn();
    await expectWell(at(0));
    await expectDone([at(1), at(2)]);
    expect(await readImage(at(1))).toBe(written);
  });

  it('is not founded a second time when all stores are lost, as the OSDs are still there', async () => {
    await Promise.all(nodes.map(lose));
    nodes.forEach((node) => {
      node.switchOn();
    });
    const waits = 'monitor waiting ceph-store-missing';
    for (const node of nodes) {
      expect(
        await eventually(
          WAIT,
          () => node.steps(),
          (steps) => steps.includes(waits),
        ),
      ).toContain(waits);
    }
    expect((await summaryBy(at(0))).health).toBe('no answer');
  });

  it('comes back from what the OSDs know, with its file system', async () => {
    let before: RackNode | null = null;
    for (const node of nodes) {
      if (before !== null) cpSync(before.outside(COLLECTED), node.outside(COLLECTED), { recursive: true });
      const { status, stderr } = await recover(node, '--collect', COLLECTED);
      expect([status, stderr]).toEqual([0, expect.stringContaining('1 OSDs are collected')]);
      before = node;
    }
    const { status, stderr } = await recover(at(2), '--rebuild', COLLECTED);
    expect([status, stderr]).toEqual([0, expect.stringContaining('done; start the other monitors')]);
    for (const node of [at(0), at(1)]) {
      await node.cutPower();
      node.switchOn();
    }
    await expectWell(at(0));
    await expectDone(nodes);
    expect(await readImage(at(0))).toBe(written);
    expect(await readFileFrom(at(1))).toBe(NOTE);
  });
});
