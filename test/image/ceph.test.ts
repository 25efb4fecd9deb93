/**
 * A cluster of Debian's real Ceph from the rendered trees of three nodes, in containers: monitors, managers, OSDs, MDS,
 * dashboard. From first power-on to HEALTH_OK, over power cuts, lost state disks, new disks and disks that hold something
 * else. The tests build on each other: they are the life of one cluster.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cephDefinition, macOf, nameOf } from './ceph-definition.ts';
import { cephRoot, eventually, Rack, treesOf, type RackNode } from './ceph-rack.ts';

const root = cephRoot();
const missing =
  root === null ? ' (needs systemd-nspawn, root and a root file system with Ceph: COLDSTART_TEST_CEPH_ROOT)' : '';
/** Seconds; everything is a matter of seconds on a machine that does nothing else. */
const WAIT = 300;
const ALL = { cephfs: true, dashboard: true };

interface Status {
  readonly health: { readonly status: string; readonly checks: Readonly<Record<string, unknown>> };
  readonly quorum_names: readonly string[];
  readonly osdmap: { readonly num_osds: number; readonly num_up_osds: number; readonly num_in_osds: number };
  readonly mgrmap: { readonly available: boolean; readonly num_standbys: number };
  readonly pgmap: { readonly num_pgs: number; readonly pgs_by_state: readonly { readonly state_name: string }[] };
}

describe.skipIf(root === null)(`a cluster of Ceph${missing}`, () => {
  let rack: Rack;
  let nodes: readonly RackNode[];
  const at = (index: number): RackNode => nodes[index] as RackNode;

  const statusBy = async (node: RackNode): Promise<Status | null> => {
    const { status, stdout } = await node.run('timeout', '10', 'ceph', 'status', '--format', 'json');
    return status === 0 ? (JSON.parse(stdout) as Status) : null;
  };

  /** What counts as well: healthy, with this many OSDs up, both managers, and all placement groups clean. */
  const summary = (is: Status | null) => ({
    health: is === null ? 'no answer' : [is.health.status, ...Object.keys(is.health.checks)].join(' '),
    monitors: is?.quorum_names.toSorted() ?? [],
    osds: is?.osdmap.num_up_osds ?? 0,
    managers: is === null ? 0 : Number(is.mgrmap.available) + is.mgrmap.num_standbys,
    groups: is?.pgmap.pgs_by_state.map(({ state_name }) => state_name) ?? [],
  });
  const well = (osds: number) => ({
    ...{ health: 'HEALTH_OK', monitors: [0, 1, 2].map(nameOf), osds, managers: 2, groups: ['active+clean'] },
  });

  const expectWell = async (osds = 3, by = 0): Promise<void> => {
    const wanted = JSON.stringify(well(osds));
    const found = await eventually(
      WAIT,
      async () => summary(await statusBy(at(by))),
      (is) => JSON.stringify(is) === wanted,
    );
    expect(found).toEqual(well(osds));
  };

  /** Every node has done its part. */
  const expectDone = async (which = nodes): Promise<void> => {
    for (const node of which) {
      const steps = await eventually(
        WAIT,
        () => node.steps(),
        (all) => all.at(-1) === 'ceph done',
      );
      expect([node.name, steps.at(-1), steps.filter((step) => step.includes('failed'))]).toEqual([
        ...[node.name, 'ceph done', []],
      ]);
    }
  };

  const digest = async (by = 0): Promise<string> => {
    const { stdout, stderr } = await at(by).run('bash', '-c', 'timeout 60 rbd export images/proof - | sha256sum');
    return stdout === '' ? stderr : stdout;
  };
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
      async () => summary(await statusBy(at(0))).osds,
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
    await expectWell();
    await expectDone();
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
    const made = await at(0).run(
      'bash',
      '-c',
      'head -c 16M /dev/urandom | tee >(sha256sum >/tmp/digest) | rbd import - images/proof && cat /tmp/digest',
    );
    expect([made.status, made.stderr]).toEqual([0, expect.anything()]);
    written = made.stdout;
    expect(await digest(1)).toBe(written);
  });

  it('stays healthy and keeps its data when its nodes are restarted one at a time', async () => {
    for (const node of nodes) {
      await node.shutDown();
      node.switchOn();
      await expectWell(3, node === at(0) ? 1 : 0);
    }
    await expectDone();
    expect(await digest()).toBe(written);
  });

  it('comes back after the power was cut to all of them at once', async () => {
    await Promise.all(nodes.map((node) => node.cutPower()));
    nodes.forEach((node) => {
      node.switchOn();
    });
    await expectWell();
    await expectDone();
    expect(await digest()).toBe(written);
  });

  it('takes a node with a blank state disk in again: its monitor anew, its OSD as it was', async () => {
    const before = await osdsOf(at(1));
    await at(1).cutPower();
    at(1).blankState();
    at(1).switchOn();
    await expectWell();
    await expectDone([at(1)]);
    expect(await osdsOf(at(1))).toBe(before);
    expect(await digest(1)).toBe(written);
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
    await expectWell();
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
    expect([working.status, working.stderr]).toEqual([1, expect.stringContaining('an OSD of this node works on')]);
    expect((await at(2).run('bash', '-c', `cluster-ceph-disk.sh --take ${disk} <<<${disk}`)).status).toBe(0);
    await expectWell(4);
    expect(await digest(2)).toBe(written);
  });

  it('makes a new OSD where a disk was replaced; the old one is removed by a person', async () => {
    const old = (await osdsOf(at(0))).split('\n')[0] ?? '';
    await at(0).shutDown();
    at(0).replaceOsdDisk();
    at(0).switchOn();
    await expectDone([at(0)]);
    expect((await at(1).run('ceph', 'osd', 'purge', old, '--yes-i-really-mean-it')).status).toBe(0);
    await expectWell(4, 1);
    expect(await osdsOf(at(0))).toMatch(/^\d+$/);
    expect(await digest(1)).toBe(written);
  });
});
