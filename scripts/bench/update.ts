/**
 * Measures a one-line change of a running node with `coldstart update`, from the command to the healthy node, against a plain restart
 * of the same node; and the bytes that it sends. In QEMU; the node is an installed monitor of Ceph.
 */
import { mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { missing } from '../../test/boot/environment.ts';
import { Monitor, NODE } from '../../test/update/monitor.ts';
import { formatSeconds, seconds, type Row } from './measure.ts';

/** Seconds to a healthy node under emulation. */
const BOOT = 1200;

/** Empty on a machine without what QEMU needs. */
export async function measureUpdate(folder: string): Promise<Row[]> {
  if (missing.length > 0) return [];
  const home = join(folder, 'update');
  await mkdir(home);
  const monitor = await Monitor.make(home);
  try {
    await install(monitor, join(home, 'state.raw'));
    const restart = await seconds(async () => {
      const before = await bootId(monitor);
      await monitor.run('sudo systemctl reboot').catch(() => undefined); // the connection may end before the answer
      while (['', before].includes(await bootId(monitor))) await delay(1000);
      await requireHealthy(monitor);
    });
    await monitor.define({ sysctl: { 'vm.swappiness': 20 } });
    const update = await seconds(async () => {
      const { exitCode, stderr } = await monitor.update();
      if (exitCode !== 0) throw new Error(stderr);
    });
    const { iso, bundle } = monitor.image;
    const [image, sent] = await Promise.all([iso, bundle].map(async (path) => (await stat(path)).size));
    return [rowOf(restart, update), bytesRow(sent ?? NaN, image ?? NaN)];
  } finally {
    await monitor.remove();
  }
}

/** From its image, as on a new machine: it copies itself to its disk. Then it starts from there. */
async function install(monitor: Monitor, disk: string): Promise<void> {
  const { iso } = monitor.image;
  await writeFile(disk, '');
  await truncate(disk, 20 * 2 ** 30);
  const machine = await monitor.switchOn(disk, { iso });
  await machine.waitFor(/the medium can be removed/, BOOT);
  await monitor.cutPower();
  await monitor.switchOn(disk);
  await requireHealthy(monitor);
}

async function requireHealthy(monitor: Monitor): Promise<void> {
  const status = await monitor.statusWithin(BOOT);
  if (status['exitCode'] !== 0) throw new Error(`${NODE} is not healthy: ${JSON.stringify(status)}`);
}

/** Empty while nobody answers. */
const bootId = (monitor: Monitor): Promise<string> =>
  monitor.run('cat /proc/sys/kernel/random/boot_id').catch(() => '');

const rowOf = (restart: number, update: number): Row => ({
  what: 'a one-line change of a running node, from `coldstart update` to the healthy node, in QEMU',
  measured: formatSeconds(update),
  against: `a restart of the node until it is healthy: ${formatSeconds(restart)}`,
  ratio: update / restart,
  aim: '',
});

const bytesRow = (sent: number, image: number): Row => ({
  what: 'bytes sent to the node for it',
  measured: `${(sent / 1024).toFixed(0)} KiB`,
  against: `its image: ${(image / 2 ** 20).toFixed(0)} MiB`,
  ratio: sent / image,
  aim: '',
});
