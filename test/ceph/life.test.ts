/**
 * A cluster of Debian's real Ceph from the rendered trees of three nodes, in containers: monitors, managers, OSDs, MDS,
 * dashboard. From first power-on to HEALTH_OK, then power cuts, lost state disks, new disks and disks with foreign
 * data. The tests build on each other: together they are the life of one cluster.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cephDefinition, macOf, nameOf } from '../image/ceph/ceph-definition.ts';
import { expectDone, expectMissed, expectToStayWell, expectWell, listenWhileWriting } from '../image/ceph/ceph-life.ts';
import { readImage, summaryBy, WAIT, writeImage } from '../image/ceph/ceph-life.ts';
import { cephRoot } from '../image/ceph/ceph-root.ts';
import { eventually, Rack, treesOf, type RackNode } from '../image/containers/rack.ts';

const root = await cephRoot();
const missing =
  root === null ? ' (needs systemd-nspawn, root and a root file system with Ceph: COLDSTART_TEST_CEPH_ROOT)' : '';
const ALL = { cephfs: true, dashboard: true };

describe.skipIf(root === null)(`a cluster of Ceph${missing}`, () => {
  let rack: Rack;
  let nodes: readonly RackNode[];
  const at = (index: number): RackNode => nodes[index] as RackNode;

  let written = '';

  const osdsOf = async (node: RackNode): Promise<string> =>
    (await node.run('ceph', 'osd', 'ls-tree', node.name)).stdout.trim();

  beforeAll(async () => {
    const trees = await treesOf(cephDefinition(ALL));
    rack = new Rack(root ?? '');
    nodes = [0, 1, 2].map((index) => rack.add(nameOf(index), macOf(index), trees.get(nameOf(index)) ?? []));
  });
  afterAll(async () => {
    await rack.remove();
  });

  it('begins with two of three monitors, in any order, and one that is off delays nothing', async () => {
    const began = performance.now();
    at(2).switchOn();
    at(0).switchOn();
    const up = await eventually(
      WAIT,
      async () => (await summaryBy(at(0))).osds,
      (osds) => osds === 2,
    );
    expect(up).toBe(2);
    const seconds = (performance.now() - began) / 1000;
    expect(seconds).toBeLessThan(WAIT / 2);
    const { stdout } = await at(0).run('ceph', 'osd', 'pool', 'ls');
    expect(stdout).toContain('images');
  });

  it('is healthy once the third is on: managers, OSDs, pools, file system', async () => {
    at(1).switchOn();
    await expectWell(at(0));
    await expectDone(nodes);
    const { stdout } = await at(0).run('ceph', 'osd', 'pool', 'ls', 'detail', '--format', 'json');
    const pools = JSON.parse(stdout) as {
      pool_name: string;
      size: number;
      min_size: number;
      application_metadata: object;
    }[];
    const own = pools.filter(({ pool_name }) => pool_name !== '.mgr');
    expect(own.map(({ size, min_size }) => [size, min_size])).toEqual(own.map(() => [3, 2]));
    expect(own.map(({ pool_name, application_metadata }) => [pool_name, Object.keys(application_metadata)])).toEqual(
      expect.arrayContaining([['images', ['rbd']]]),
    );
    expect((await at(0).run('ceph', 'fs', 'status')).stdout).toMatch(/active/);
    expect((await at(0).run('cat', '/var/lib/cluster-state/bootstrap-state')).stdout).toBe('joined');
    for (const node of nodes) {
      const { stdout: failed } = await node.run('systemctl', '--failed', '--plain', '--no-legend');
      expect([node.name, failed]).toEqual([node.name, '']);
    }
  });

  it('has a dashboard with a certificate of its authority, and lets its administrator in', async () => {
    const ask = async (): Promise<string> => {
      const { stdout } = await at(0).run('ceph', 'mgr', 'services', '--format', 'json');
      const url = (JSON.parse(stdout === '' ? '{}' : stdout) as { dashboard?: string }).dashboard;
      if (url === undefined) return 'no dashboard';
      const login = `jq --null-input --rawfile password /etc/ceph/dashboard-password '{username: "admin", password: ($password | rtrimstr("\\n"))}' |
        curl --silent --cacert /etc/ceph/dashboard-ca.crt --header 'Accept: application/vnd.ceph.api.v1.0+json' --header 'Content-Type: application/json' --data @- --output /dev/null --write-out '%{http_code}' ${url}api/auth`;
      return (await at(0).run('bash', '-c', login)).stdout;
    };
    const found = await eventually(WAIT, ask, (code) => code === '201');
    expect(found).toBe('201');
  });

  it('gives an image back as it was written', async () => {
    written = await writeImage(at(0));
    expect(await readImage(at(1))).toBe(written);
  });

  it('shows on the wire what is written, unless encryption is asked for', async () => {
    expect(await listenWhileWriting(at(0), at(1))).toBe('much with');
  });

  it('stays healthy and keeps its data when its nodes are restarted one at a time', async () => {
    for (const node of nodes) {
      const other = node === at(0) ? at(1) : at(0);
      await node.shutDown();
      await expectMissed(other, node);
      node.switchOn();
      await expectWell(other);
    }
    await expectDone(nodes);
    await expectToStayWell(at(0));
    expect(await readImage(at(0))).toBe(written);
  });

  it.each<[string, (node: RackNode) => Promise<void>]>([
    ['all of them were restarted at once', (node) => node.shutDown()],
    ['the power was cut to all of them at once', (node) => node.cutPower()],
  ])('comes back, and stays, after %s', async (_, end) => {
    await Promise.all(nodes.map(end));
    nodes.forEach((node) => {
      node.switchOn();
    });
    await expectDone(nodes);
    await expectToStayWell(at(0));
    expect(await readImage(at(0))).toBe(written);
  });

  it('goes on when a monitor is killed for good, and takes its node in again with a blank state disk: the monitor anew, the OSD as it was', async () => {
    const before = await osdsOf(at(1));
    await at(1).cutPower();
    await expectMissed(at(0), at(1));
    expect(await readImage(at(2))).toBe(written);
    at(1).blankState();
    at(1).switchOn();
    await expectWell(at(0));
    await expectDone([at(1)]);
    expect(await osdsOf(at(1))).toBe(before);
    expect(await readImage(at(1))).toBe(written);
  });

  it('gets an OSD for a disk that is added to the definition, refuses a foreign one, and takes it when told to', async () => {
    const trees = await treesOf(cephDefinition({ ...ALL, osdDisks: 2 }));
    await at(2).shutDown();
    at(2).addOsdDisk();
    const disk = at(2).osdDisk(1);
    expect(spawnSync('mkfs.ext4', ['-q', '-F', '-L', 'precious', disk]).status).toBe(0);
    at(2).boots(trees.get(nameOf(2)) ?? []);
    at(2).switchOn();
    const refused = 'osd failed osd-foreign-disk';
    expect(
      await eventually(
        WAIT,
        () => at(2).steps(),
        (steps) => steps.includes(refused),
      ),
    ).toContain(refused);
    await expectWell(at(0));
    expect(spawnSync('blkid', ['-p', '-o', 'value', '-s', 'LABEL', disk], { encoding: 'utf8' }).stdout).toBe(
      'precious\n',
    );
    expect((await at(2).run('check-bootstrap-status.sh')).stdout).toContain(`${disk}: ext4 labelled "precious"`);

    const untold = await at(2).run('bash', '-c', `cluster-ceph-disk.sh --take ${disk} <<<no`);
    expect([untold.status, untold.stderr]).toEqual([1, expect.stringContaining('nothing was changed')]);
    const working = await at(2).run(
      'bash',
      '-c',
      `cluster-ceph-disk.sh --take ${at(2).osdDisk(0)} <<<${at(2).osdDisk(0)}`,
    );
    expect([working.status, working.stderr]).toEqual([1, expect.stringContaining('an OSD of this node uses')]);
    expect((await at(2).run('bash', '-c', `cluster-ceph-disk.sh --take ${disk} <<<${disk}`)).status).toBe(0);
    await expectWell(at(0), 4);
    expect(await readImage(at(2))).toBe(written);
  });

  it('makes a new OSD where a disk was replaced; the old one is removed by a person', async () => {
    const old = (await osdsOf(at(0))).split('\n')[0] ?? '';
    await at(0).shutDown();
    at(0).replaceOsdDisk();
    at(0).switchOn();
    await expectDone([at(0)]);
    expect((await at(1).run('ceph', 'osd', 'purge', old, '--yes-i-really-mean-it')).status).toBe(0);
    await expectWell(at(1), 4);
    expect(await osdsOf(at(0))).toMatch(/^\d+$/);
    expect(await readImage(at(1))).toBe(written);
  });

  it('gets the OSD of a node that is added to the definition, when that is switched on', async () => {
    const trees = await treesOf(cephDefinition({ ...ALL, nodes: 4 }));
    const added = rack.add(nameOf(3), macOf(3), trees.get(nameOf(3)) ?? []);
    added.switchOn();
    await expectDone([added]);
    await expectWell(at(1), 5);
    expect((await at(1).run('ceph', 'osd', 'ls-tree', added.name)).stdout.trim()).toMatch(/^\d+$/);
    expect(await readImage(at(1))).toBe(written);
  });
});
