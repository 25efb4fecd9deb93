/**
 * Ceph from real images, without Kubernetes: three machines, each a monitor and an OSD, two of them managers. From
 * power-on to HEALTH_OK without a login; again after a power cut to all machines, and after one was re-imaged with its
 * OSD's disk intact. The containers of test/ceph test the rest at native speed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOfFile, missing } from '../boot/environment.ts';
import { logIn, type Shell } from '../boot/shell.ts';
import { eventually } from './kubernetes.ts';
import { attach, runLab, TESTER, type Console } from './lab.ts';

/** Seconds; three emulated machines on whatever else is busy. */
const BOOT = 1200;
const FORMATION = 2400;

const folder = folderOfFile('ceph');
const lab = (...words: readonly string[]) => runLab(folder(), ...words);
const names = ['store-01', 'store-02', 'store-03'];

const definition = stringify({
  cluster: {
    name: 'storage',
    networking: { node_cidr: '192.168.50.0/24', gateway: '192.168.50.1' },
    users: [TESTER],
    ceph: { osd_memory_target: '1G', pools: [{ name: 'images', application: 'rbd' }] },
  },
  nodes: names.map((name, index) => ({
    name,
    ip: `192.168.50.${String(11 + index)}`,
    roles: ['ceph-mon', 'ceph-osd', ...(index < 2 ? ['ceph-mgr'] : [])],
    hardware: {
      mac_addresses: [`52:54:00:12:50:0${String(index + 1)}`],
      state_disk: { serial: `state-${String(index + 1)}` },
      osd_disks: [{ serial: `osd-${String(index + 1)}` }],
    },
  })),
});

describe.skipIf(missing.length > 0)(`three machines with Ceph${missing.join('')}`, () => {
  const consoles: Console[] = [];
  let onFirst: Shell;
  let written = '';

  /** Waits for the login prompts of these nodes, and logs in at the first one's where it is among them. */
  const loggedIn = async (...indices: readonly number[]): Promise<void> => {
    for (const index of indices) await consoles[index]?.waitFor(new RegExp(`${names[index] ?? ''} login: `), BOOT);
    const [first] = consoles;
    if (indices.includes(0) && first !== undefined) onFirst = await logIn(first, 'tester', 'console');
  };

  const WELL = 'HEALTH_OK, 3 monitors, 3 OSDs up, 1 standby';
  const summary = `sudo timeout 60 ceph status -f json | jq -r '"\\(.health.status), \\(.quorum | length) monitors, \\(.osdmap.num_up_osds) OSDs up, \\(.mgrmap.num_standbys) standby"'`;

  const expectEventually = async (command: string, answer: string): Promise<void> => {
    const ask = () => onFirst(command, 120);
    expect(await eventually(FORMATION, ask, (found) => found === answer)).toBe(answer);
  };
  const expectWell = () => expectEventually(summary, WELL);

  const digest = (): Promise<string> =>
    onFirst('sudo rbd --no-progress export images/proof - | sha256sum | cut -c 1-64', 300);

  beforeAll(async () => {
    await mkdir(join(folder(), 'definition'));
    await writeFile(join(folder(), 'definition/cluster.yaml'), definition);
    await mkdir(join(folder(), 'run'));
    await lab('up', 'definition', '--no-wait', '--memory', '2560', '--for', '3h');
    for (const index of names.keys()) consoles.push(await attach(folder(), 'storage', index));
  });

  afterAll(() => lab('down'));

  it('are healthy from power-on, with nobody logged in', async () => {
    await loggedIn(0, 1, 2);
    await expectWell();
    await expectEventually('cat /var/lib/cluster-state/bootstrap-state', 'joined');
  });

  it('hold an image', async () => {
    const write = 'head -c 8M /dev/urandom >/tmp/proof; sudo rbd --no-progress import /tmp/proof images/proof';
    written = await onFirst(`${write}; sha256sum </tmp/proof | cut -c 1-64`, 300);
    expect(await digest()).toBe(written);
  });

  it('come back after the power was cut to all of them', async () => {
    for (const name of names) await lab('kill', name);
    for (const name of names) await lab('start', name);
    await loggedIn(0, 1, 2);
    await expectWell();
    expect(await digest()).toBe(written);
  });

  it('take one in again that was re-imaged: a blank state disk, and the disk of its OSD as it was', async () => {
    const osds = await onFirst('sudo ceph osd ls-tree store-02', 120);
    await lab('kill', 'store-02');
    const disk = join(folder(), 'out/storage/lab/store-02.state.qcow2');
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '20G']);
    await lab('start', 'store-02');
    await loggedIn(1);
    await expectWell();
    expect(await onFirst('sudo ceph osd ls-tree store-02', 120)).toBe(osds);
    expect(await digest()).toBe(written);
  });
});
