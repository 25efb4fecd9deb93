/**
 * `coldstart status` and `coldstart update` against a real installed node, by SSH: a change of the definition goes to its other slot and
 * becomes good; one that breaks its network comes back, is told, and the corrected definition goes on from there; one that needs no restart
 * is taken by the running system, and the start after a power cut keeps it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOfFile, LOGS, missing } from '../boot/environment.ts';
import { makeInstalledDisk } from '../install/installed-disk.ts';
import { IP, Monitor, NODE, type Settings } from './monitor.ts';

/** Seconds to a healthy node under emulation, on a busy machine. */
const BOOT = 1200;

const folder = folderOfFile('rollout');
const diskFile = (): string => join(folder(), 'state.raw');

const CHANGED: Settings = { sysctl: { 'vm.swappiness': 20 } };
const BROKEN: Settings = {
  ...CHANGED,
  // An emulated machine with a broken network knows it sooner than in half an hour.
  kernel_args: ['coldstart.try_wait=120'],
  files: [{ path: '/etc/NetworkManager/conf.d/99-own.conf', content: '[keyfile]\nunmanaged-devices=*\n' }],
};

describe.skipIf(missing.length > 0)(`coldstart update of an installed node${missing.join('')}`, () => {
  let monitor: Monitor;

  async function update(): Promise<{ exitCode: number; said: string }> {
    const { exitCode, stdout, stderr } = await monitor.update();
    await writeFile(join(LOGS, `rollout-update-${String(Date.now())}.txt`), stdout + stderr);
    return { exitCode, said: stdout + stderr };
  }

  const swappiness = () => monitor.run('cat /proc/sys/vm/swappiness');
  const bootId = (key?: string) => monitor.run('cat /proc/sys/kernel/random/boot_id', key);

  beforeAll(async () => {
    monitor = await Monitor.make(folder());
  });
  afterAll(() => monitor.remove());

  it('shows the node that has started from its disk', async () => {
    await makeInstalledDisk(monitor.image, diskFile());
    await monitor.switchOn(diskFile(), { log: join(LOGS, 'rollout.log') });
    expect(await monitor.statusWithin(BOOT)).toMatchObject({
      ...{ exitCode: 0, state: 'good', slot: 'A', release: 1, healthy: true, current: true, problem: null },
    });
    expect(await swappiness()).toBe('60');
  });

  it('brings a change of the definition to the node', async () => {
    await monitor.define(CHANGED);
    const { exitCode, said } = await update();
    expect([exitCode, said]).toEqual([0, expect.stringContaining(`${NODE}: restart; release 1 → 2`)]);
    expect(await monitor.status()).toMatchObject({
      ...{ exitCode: 0, state: 'good', slot: 'B', release: 2, healthy: true, current: true },
    });
    expect(await swappiness()).toBe('20');
  });

  it('has nothing to do then', async () => {
    const { exitCode, stdout } = await monitor.update('--dry-run');
    expect([exitCode, stdout]).toEqual([0, expect.not.stringContaining('restart')]);
  });

  it('says of a change that breaks the network that the node has returned, and why', async () => {
    await monitor.define(BROKEN);
    const { exitCode, said } = await update();
    expect(exitCode).toBe(8);
    expect(said).toMatch(
      /store-01: runs what it ran before: it returned to its former slot: .*not up: 192\.168\.50\.11/,
    );
    expect(await monitor.status()).toMatchObject({
      ...{ exitCode: 8, state: 'returned', slot: 'B', release: 2, healthy: true, current: false },
      returned: expect.stringContaining(`not up: ${IP}`) as string,
    });
  });

  it('goes on with the corrected definition', async () => {
    await monitor.define({ sysctl: { 'vm.swappiness': 30 } });
    const { exitCode, said } = await update();
    expect([exitCode, said]).toEqual([0, expect.stringContaining('its last update did not become good')]);
    expect(await monitor.status()).toMatchObject({
      ...{ exitCode: 0, state: 'good', slot: 'A', release: 4, healthy: true, current: true, returned: null },
    });
    expect(await swappiness()).toBe('30');
  });

  it('brings a further SSH key without a restart, and the start after a power cut keeps it', async () => {
    const [before, boot] = [await monitor.status(), await bootId()];
    const release = Number(before['release']) + 1;
    const other = before['slot'] === 'A' ? 'B' : 'A';
    await monitor.allow('second-key');
    const { exitCode, said } = await update();
    const plan = `${NODE}: live; release ${String(release - 1)} → ${String(release)}`;
    expect([exitCode, said]).toEqual([0, expect.stringContaining(plan)]);
    expect(await bootId('second-key')).toBe(boot);
    expect(await monitor.status()).toMatchObject({
      ...{ exitCode: 0, state: 'live', healthy: true, current: true, pending: { slot: other, release } },
      ...{ slot: before['slot'], image: before['image'], release },
    });
    const again = await monitor.update('--dry-run');
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('1 node up to date')]);
    await monitor.cutPower();
    await monitor.switchOn(diskFile(), { log: join(LOGS, 'rollout-after-power-cut.log') });
    expect(await monitor.statusWithin(BOOT)).toMatchObject({
      ...{ exitCode: 0, state: 'good', healthy: true, current: true, pending: null, returned: null },
      ...{ slot: other, release },
    });
    expect(await bootId('second-key')).not.toBe(boot);
  });
});
