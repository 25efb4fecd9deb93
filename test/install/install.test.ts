/**
 * Nodes that install themselves: the machine starts from its disk when the medium is gone, by BIOS, UEFI and Secure Boot; a medium that is
 * left in, or an old one, starts what is on the disk; power cuts while the disk is written.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { blankDisk } from '../boot/blank-disk.ts';
import { folderOfFile, LOGS, missing } from '../boot/environment.ts';
import { boot, type Machine, type MachineOptions } from '../boot/machine.ts';
import { logIn, type Shell } from '../boot/shell.ts';
import { buildDefinition, copyExample } from '../image/build/definition.ts';
import { makeInstalledDisk } from './installed-disk.ts';

const MASTER = '52:54:00:12:34:01';
/** crypt(5) of `console`. */
const PASSWORD_HASH =
  '$6$coldstart$8GpEkQsJYYUKlPZNVzSOS2ZR8mkUcujsli9Ihpil14uFUGBBW7IxfYZXEckDvDmWLprPuvqAHLxNofRLIiKrO/';
/** Seconds to the login prompt under emulation, on a busy machine. */
const BOOT = 600;

const folder = folderOfFile('install');
const iso = (set: string): string => join(folder(), set, 'master-01.iso');
const diskFile = (name: string): string => join(folder(), `${name}.qcow2`);
const machines: Machine[] = [];

async function start(
  name: string,
  of: Omit<MachineOptions, 'log' | 'macs' | 'disks'> & { disk: string; format?: 'raw' | 'qcow2' },
): Promise<Machine> {
  const { disk, format = 'qcow2', ...options } = of;
  const disks = [{ path: disk, serial: 'state', format }];
  const machine = await boot({ ...options, macs: [MASTER], disks, log: join(LOGS, `install-${name}.log`) });
  machines.push(machine);
  return machine;
}

async function shellOf(machine: Machine): Promise<Shell> {
  await machine.waitFor(/master-01 login: /, BOOT);
  return logIn(machine, 'tester', 'console');
}

const STEP = `jq -r '.steps[] | select(.step == "install") | "\\(.state) \\(.cause)"' /run/cluster/status.json`;

/** Until the step has ended; its state and cause. */
async function installed(shell: Shell): Promise<string> {
  await shell(`until [ "$(${STEP})" ] && ${STEP} | grep -qv running; do sleep 2; done`, BOOT);
  return (await shell(STEP)).trim();
}

async function expectSlot(machine: Machine, slot: string): Promise<void> {
  const shell = await shellOf(machine);
  expect(await shell('cat /proc/cmdline')).toContain(` rauc.slot=${slot} `);
  expect(await shell('cat /proc/cmdline')).not.toContain('old.stick');
  expect(await shell('findmnt -n -o SOURCE /run/live/medium')).toBe('/dev/vda3');
  expect(await shell('findmnt -n -o SOURCE /var')).toBe('/dev/vda5');
  expect(await installed(shell)).toBe('done');
  expect(await shell('systemctl --failed --no-legend')).toBe('');
  await machine.cutPower();
}

describe.skipIf(missing.length > 0)(`a node with install: true${missing.join('')}`, () => {
  beforeAll(async () => {
    const users = [['cluster', 'users'], [{ name: 'tester', sudo: true, password_hash: PASSWORD_HASH }]] as const;
    const install = [['cluster', 'image', 'install'], true] as const;
    const old = [['cluster', 'image', 'kernel_args'], ['old.stick']] as const;
    for (const [set, settings] of [
      ['new', [users, install]],
      ['old', [users, old]],
    ] as const) {
      const definition = await copyExample('quick-start', join(folder(), `${set}-definition`), settings);
      await buildDefinition(definition, { outDir: join(folder(), set) });
    }
  });
  afterEach(async () => {
    for (const machine of machines.splice(0)) await machine.cutPower();
  });

  it('starts from its disk by BIOS without the medium, and beside an old medium', async () => {
    const disk = await blankDisk(diskFile('bios'));
    const first = await start('bios-first', { iso: iso('new'), firmware: 'bios', disk });
    expect(await installed(await shellOf(first))).toBe('done');
    await first.cutPower();
    await expectSlot(await start('bios-disk', { iso: null, firmware: 'bios', disk }), 'A');
    await expectSlot(await start('bios-old', { iso: iso('old'), usb: true, firmware: 'bios', disk }), 'A');
  });

  it('starts from its disk by UEFI and Secure Boot, which know nothing of it', async () => {
    const disk = join(folder(), 'installed.raw');
    await makeInstalledDisk({ iso: iso('new'), tree: join(folder(), 'new/master-01/tree') }, disk);
    const format = 'raw';
    await expectSlot(await start('secure-disk', { iso: null, firmware: 'secure-boot', disk, format }), 'A');
    await expectSlot(await start('uefi-disk', { iso: null, firmware: 'uefi', disk, format }), 'A');
    // Firmware with an order from outside and no entry of its own prepares only the stick, so GRUB on it finds no disk.
    const hidden = await start('secure-hidden', { iso: iso('old'), usb: true, firmware: 'secure-boot', disk, format });
    await hidden.waitFor(/disk: failed \(installed-elsewhere\)/, BOOT);
    await hidden.cutPower();
  });

  it('is installed by Secure Boot, and the firmware has an entry for the disk, which an old stick starts', async () => {
    const disk = await blankDisk(diskFile('secure'));
    const machine = { firmware: 'secure-boot', disk, variables: join(folder(), 'secure.fd') } as const;
    const first = await start('secure-first', { ...machine, iso: iso('new'), usb: true });
    const shell = await shellOf(first);
    expect(await installed(shell)).toBe('done');
    expect(await shell('sudo efibootmgr')).toContain('coldstart master-01');
    await first.cutPower();
    await expectSlot(await start('secure-second', { ...machine, iso: null }), 'A');
    await expectSlot(await start('secure-old', { ...machine, iso: iso('old'), usb: true }), 'A');
  });

  it('begins again after power cuts while the disk is written', async () => {
    const disk = await blankDisk(diskFile('cuts'));
    const cuts = (process.env['COLDSTART_POWER_CUTS'] ?? '1 10 30').split(' ').map(Number);
    for (const [index, seconds] of cuts.entries()) {
      const machine = await start(`cut-${String(index)}`, { iso: iso('new'), firmware: 'bios', disk });
      await machine.waitFor(/EXT4-fs \(vda3\): mounted filesystem/, BOOT);
      await delay(seconds * 1000);
      await machine.cutPower();
    }
    const last = await start('cut-last', { iso: iso('new'), firmware: 'bios', disk });
    expect(await installed(await shellOf(last))).toBe('done');
    await last.cutPower();
    await expectSlot(await start('cut-disk', { iso: null, firmware: 'bios', disk }), 'A');
  });
});
