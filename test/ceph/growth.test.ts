/**
 * Nodes that a running cluster of Debian's real Ceph did not know when its images were built, in containers: an OSD host, and a
 * node with a monitor and a manager, join by their own images alone. Then nodes are removed, one that is on and one that is
 * lost. The tests build on each other.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cephDefinition, macOf, nameOf } from '../image/ceph/ceph-definition.ts';
import { expectDone, expectWell, readImage, WAIT, writeImage } from '../image/ceph/ceph-life.ts';
import { cephRoot } from '../image/ceph/ceph-root.ts';
import { eventually, Rack, treesOf, type RackNode } from '../image/containers/rack.ts';

const root = await cephRoot();
const missing =
  root === null ? ' (needs systemd-nspawn, root and a root file system with Ceph: COLDSTART_TEST_CEPH_ROOT)' : '';

describe.skipIf(root === null)(`a cluster of Ceph that grows and shrinks${missing}`, () => {
  let rack: Rack;
  const nodes: RackNode[] = [];
  const at = (index: number): RackNode => nodes[index] as RackNode;
  let written = '';

  /** Switches on a node that was added to the definition after the others' images were built; nobody else gets a new image. */
  const join = async (...further: readonly string[]): Promise<RackNode> => {
    const index = nodes.length;
    const trees = await treesOf(cephDefinition({ cephfs: true, further }));
    const disks = further.at(-1)?.includes('ceph-osd') === true ? 1 : 0;
    const node = rack.add(nameOf(index), macOf(index), trees.get(nameOf(index)) ?? [], disks);
    nodes.push(node);
    node.switchOn();
    await expectDone([node]);
    return node;
  };
  const text = async (node: RackNode, ...line: readonly string[]): Promise<string> => (await node.run(...line)).stdout;
  const remove = (by: RackNode, words: string, answer: string) =>
    by.run('bash', '-c', `cluster-ceph-remove.sh ${words} <<<${answer}`);

  beforeAll(async () => {
    const trees = await treesOf(cephDefinition({ cephfs: true }));
    rack = new Rack(root ?? '');
    for (const index of [0, 1, 2]) {
      nodes.push(rack.add(nameOf(index), macOf(index), trees.get(nameOf(index)) ?? []));
      at(index).switchOn();
    }
    await expectWell(at(0));
    await expectDone(nodes);
    written = await writeImage(at(0));
  });
  afterAll(async () => {
    await rack.remove();
  });

  it('gets the OSD of a further node', async () => {
    await join('ceph-osd');
    await expectWell(at(0), 4);
    expect(await readImage(at(0))).toBe(written);
  });

  it('gets a further monitor, manager and metadata server', async () => {
    const node = await join('ceph-osd', 'ceph-mon, ceph-mgr');
    await expectWell(at(0), 4, [0, 1, 2, 4], 3);
    const servers = await text(at(0), 'ceph', 'auth', 'ls', '--format', 'json');
    expect(servers).toContain(`"mds.${node.name}"`);
    const { standbys } = JSON.parse(await text(at(0), 'ceph', 'fs', 'dump', '--format', 'json')) as {
      standbys: { name: string }[];
    };
    expect(standbys.map(({ name }) => name)).toContain(node.name);
  });

  it('is found by a node with a monitor that its image does not name', async () => {
    expect((await at(3).run('cluster-ceph-monitors.sh')).status).toBe(0);
    const conf = await text(at(3), 'grep', '^mon_host', '/etc/ceph/ceph.conf');
    expect(conf.match(/v2:192\.168\.50\.\d+/g)).toEqual(
      [11, 12, 13, 15].map((host) => `v2:192.168.50.${String(host)}`),
    );
  });

  it('takes a monitor in again whose image names fewer monitors than there are', async () => {
    await at(0).cutPower();
    at(0).blankState();
    at(0).switchOn();
    await expectDone([at(0)]);
    await expectWell(at(1), 4, [0, 1, 2, 4], 3);
  });

  it('keeps its data when a node is removed', async () => {
    const refused = await remove(at(0), nameOf(2), 'no');
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('nothing was changed')]);
    const { status, stdout, stderr } = await remove(at(0), nameOf(2), nameOf(2));
    expect([status, stdout, stderr]).toEqual([
      0,
      expect.stringContaining('mon.store-03'),
      expect.stringContaining('done; switch off'),
    ]);
    await at(2).shutDown();
    await expectWell(at(0), 3, [0, 1, 4], 3);
    expect(await text(at(0), 'ceph', 'osd', 'tree')).not.toContain(nameOf(2));
    expect(await readImage(at(1))).toBe(written);
  });

  it('refuses a removal that would leave too few places for the copies, or does not end', async () => {
    const few = await remove(at(0), nameOf(3), nameOf(3));
    expect([few.status, few.stderr]).toEqual([
      1,
      expect.stringContaining('too few places would be left for the copies of'),
    ]);
    const up = await remove(at(0), `--lost ${nameOf(3)}`, nameOf(3));
    expect([up.status, up.stderr]).toEqual([1, expect.stringContaining('not lost, they are up')]);
    const self = await remove(at(0), nameOf(0), nameOf(0));
    expect([self.status, self.stderr]).toEqual([1, expect.stringContaining('is this node')]);
  });

  it('goes on without a node that is lost: a monitor and a manager, then an OSD', async () => {
    await at(4).cutPower();
    await eventually(
      WAIT,
      () => text(at(0), 'ceph', 'quorum_status', '--format', 'json'),
      (status) => !/"quorum_names":\[[^\]]*store-05/.test(status),
    );
    const gone = await remove(at(0), nameOf(4), nameOf(4));
    expect([gone.status, gone.stderr]).toEqual([0, expect.stringContaining('removed mds.store-05')]);
    await expectWell(at(0), 3, [0, 1], 2);

    await at(3).cutPower();
    await eventually(
      WAIT,
      () => text(at(0), 'ceph', 'osd', 'tree', 'down'),
      (tree) => tree.includes(nameOf(3)),
    );
    const lost = await remove(at(0), `--lost ${nameOf(3)}`, nameOf(3));
    expect([lost.status, lost.stderr]).toEqual([0, expect.stringContaining('removed osd.')]);
    expect(await text(at(0), 'ceph', 'osd', 'tree')).not.toContain(nameOf(3));
    expect(await readImage(at(1))).toBe(written);
  });
});
