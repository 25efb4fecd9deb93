/**
 * `coldstart status` and `coldstart update` against a real installed node, by SSH: a change of the definition goes to its other slot and
 * becomes good; one that breaks its network comes back, is told, and the corrected definition goes on from there. The node is a monitor of
 * Ceph: the smallest node whose health is that of real services. The other node of its definition is never switched on.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOfFile, LOGS, missing } from '../boot/environment.ts';
import { freePort } from '../boot/free-port.ts';
import { boot, type Machine } from '../boot/machine.ts';
import { makeInstalledDisk } from '../install/installed-disk.ts';
import { coldstart, objectsOf, TESTER } from '../machines/lab.ts';
import { redirectSsh } from '../rollout/ssh-ports.ts';

const NODE = 'store-01';
const IP = '192.168.50.11';
const MAC = '52:54:00:12:50:01';
/** Seconds to a healthy node under emulation, on a busy machine. */
const BOOT = 1200;

const folder = folderOfFile('rollout');
let machine: Machine | null = null;
let restorePath = (): void => undefined;
let publicKey = '';

/** What the definition says of the node beyond what it has at first. */
type Settings = Readonly<Record<string, unknown>>;

const CHANGED: Settings = { sysctl: { 'vm.swappiness': 20 } };
const BROKEN: Settings = {
  ...CHANGED,
  // An emulated machine with a broken network knows it sooner than in half an hour.
  kernel_args: ['coldstart.try_wait=120'],
  files: [{ path: '/etc/NetworkManager/conf.d/99-own.conf', content: '[keyfile]\nunmanaged-devices=*\n' }],
};

async function define(settings: Settings): Promise<void> {
  const [osd, state] = [{ serial: 'osd' }, { serial: 'state' }];
  const definition = {
    cluster: {
      name: 'storage',
      networking: { node_cidr: '192.168.50.0/24', gateway: '192.168.50.1' },
      image: { install: true, formats: ['iso', 'update'] },
      users: [{ ...TESTER, ssh_keys: [publicKey] }],
    },
    nodes: [
      { name: NODE, ip: IP, roles: ['ceph-mon'], hardware: { mac_addresses: [MAC], state_disk: state }, ...settings },
      {
        ...{ name: 'store-02', ip: '192.168.50.12', roles: ['ceph-mgr', 'ceph-osd'] },
        hardware: { mac_addresses: ['52:54:00:12:50:02'], state_disk: state, osd_disks: [osd] },
      },
    ],
  };
  await writeFile(join(folder(), 'definition/cluster.yaml'), stringify(definition));
}

const onNode = (command: string, ...words: readonly string[]) =>
  coldstart(folder(), command, 'definition', '--node', NODE, ...words);
const ssh = (): string[] => ['--ssh-key', join(folder(), 'key')];

/** The exit code, and what `coldstart status` says of the node. */
async function status(): Promise<Record<string, unknown>> {
  const { exitCode, stdout } = await onNode('status', '--json', ...ssh());
  return { exitCode, ...objectsOf(stdout).find(({ type }) => type === 'status') };
}

async function update(): Promise<{ exitCode: number; said: string }> {
  const { exitCode, stdout, stderr } = await onNode('update', '--yes', '--log', 'plain', ...ssh());
  await writeFile(join(LOGS, `rollout-update-${String(Date.now())}.txt`), stdout + stderr);
  return { exitCode, said: stdout + stderr };
}

/** What runs on the node, whatever a definition says. */
async function swappiness(): Promise<string> {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    `HostKeyAlias=${NODE}`,
    'LogLevel=ERROR',
  ];
  const words = ['-i', join(folder(), 'key'), ...options.flatMap((one) => ['-o', one])];
  return (await execa('ssh', [...words, `${TESTER.name}@${IP}`, 'cat /proc/sys/vm/swappiness'])).stdout;
}

/** Starts the node from a disk on which it has installed itself. */
async function start(): Promise<void> {
  const out = join(folder(), 'out/storage');
  const disk = join(folder(), 'state.raw');
  await makeInstalledDisk({ iso: join(out, `${NODE}.iso`), tree: join(out, NODE, 'tree') }, disk);
  const port = String(await freePort());
  await writeFile(join(folder(), `port-${NODE}`), port);
  machine = await boot({
    ...{ iso: null, firmware: 'bios', macs: [MAC], restarts: true, log: join(LOGS, 'rollout.log') },
    disks: [{ path: disk, serial: 'state', format: 'raw' }],
    network: `restrict=on,net=192.168.50.0/24,host=192.168.50.1,hostfwd=tcp:127.0.0.1:${port}-${IP}:22`,
  });
}

describe.skipIf(missing.length > 0)(`coldstart update of an installed node${missing.join('')}`, () => {
  beforeAll(async () => {
    await mkdir(join(folder(), 'definition'));
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder(), 'key')]);
    publicKey = (await readFile(join(folder(), 'key.pub'), 'utf8')).trim();
    restorePath = await redirectSsh(folder());
    await define({});
    const built = await onNode('build');
    expect([built.exitCode, built.exitCode === 0 ? '' : built.stderr]).toEqual([0, '']);
  });
  afterAll(async () => {
    await machine?.cutPower();
    restorePath();
  });

  it('shows the node that has started from its disk', async () => {
    await start();
    const end = Date.now() + BOOT * 1000;
    while ((await status())['exitCode'] !== 0 && Date.now() < end) await delay(10_000);
    expect(await status()).toMatchObject({
      ...{ exitCode: 0, state: 'good', slot: 'A', release: 1, healthy: true, current: true, problem: null },
    });
    expect(await swappiness()).toBe('60');
  });

  it('brings a change of the definition to the node', async () => {
    await define(CHANGED);
    const { exitCode, said } = await update();
    expect([exitCode, said]).toEqual([0, expect.stringContaining(`${NODE}: restart; release 1 → 2`)]);
    expect(await status()).toMatchObject({
      ...{ exitCode: 0, state: 'good', slot: 'B', release: 2, healthy: true, current: true },
    });
    expect(await swappiness()).toBe('20');
  });

  it('has nothing to do then', async () => {
    const { exitCode, stdout } = await onNode('update', '--dry-run', ...ssh());
    expect([exitCode, stdout]).toEqual([0, expect.not.stringContaining('restart')]);
  });

  it('says of a change that breaks the network that the node has returned, and why', async () => {
    await define(BROKEN);
    const { exitCode, said } = await update();
    expect(exitCode).toBe(8);
    expect(said).toMatch(
      /store-01: runs what it ran before: it returned to its former slot: .*not up: 192\.168\.50\.11/,
    );
    expect(await status()).toMatchObject({
      ...{ exitCode: 8, state: 'returned', slot: 'B', release: 2, healthy: true, current: false },
      returned: expect.stringContaining(`not up: ${IP}`) as string,
    });
  });

  it('goes on with the corrected definition', async () => {
    await define({ sysctl: { 'vm.swappiness': 30 } });
    const { exitCode, said } = await update();
    expect([exitCode, said]).toEqual([0, expect.stringContaining('its last update did not become good')]);
    expect(await status()).toMatchObject({
      ...{ exitCode: 0, state: 'good', slot: 'A', release: 4, healthy: true, current: true, returned: null },
    });
    expect(await swappiness()).toBe('30');
  });
});
