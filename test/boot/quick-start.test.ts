/**
 * Boots images of the quick-start example: on the right machine, on a wrong one, with a foreign disk, and with a power
 * cut while the node prepares its disk. The tests add a console user to the definition.
 */
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../src/builder/output/output-manifest.ts';
import { run } from '../../src/builder/system/run.ts';
import { sha256File } from '../../src/builder/system/digest.ts';
import { buildDefinition, copyExample } from '../image/build/definition.ts';
import { blankDisk } from './blank-disk.ts';
import { boot, type Machine, type MachineOptions } from './machine.ts';
import { logIn, type Shell } from './shell.ts';
import { folderOfFile, LOGS, missing } from './environment.ts';

const MASTER = '52:54:00:12:34:01';
const WORKER = '52:54:00:12:34:02';
const FOREIGN = '52:54:00:ff:ff:01';
/** crypt(5) of `console`. */
const PASSWORD_HASH =
  '$6$coldstart$8GpEkQsJYYUKlPZNVzSOS2ZR8mkUcujsli9Ihpil14uFUGBBW7IxfYZXEckDvDmWLprPuvqAHLxNofRLIiKrO/';

/** Under TCG the way to the login prompt takes a minute or two; a busy machine gets more. */
const BOOT = 400;

const folder = folderOfFile('quick-start');
const iso = (node: string): string => join(folder(), 'out', `${node}.iso`);
/** Of the same node, with a setting as it was before. */
const oldIso = (node: string): string => join(folder(), 'old', `${node}.iso`);
const diskFile = (name: string): string => join(folder(), `${name}.qcow2`);
const machines: Machine[] = [];

async function start(options: Omit<MachineOptions, 'log'>, name: string): Promise<Machine> {
  const machine = await boot({ ...options, log: join(LOGS, `${name}.log`) });
  machines.push(machine);
  return machine;
}

const stateDisk = (path: string): NonNullable<MachineOptions['disks']> => [{ path, serial: 'state', format: 'qcow2' }];

describe.skipIf(missing.length > 0)(`the quick-start images${missing.join('')}`, () => {
  beforeAll(async () => {
    const users = [{ name: 'tester', sudo: true, password_hash: PASSWORD_HASH }];
    const definition = await copyExample('quick-start', join(folder(), 'definition'), [[['cluster', 'users'], users]]);
    await buildDefinition(definition, { outDir: join(folder(), 'out') });
    const before = [['cluster', 'image', 'kernel_args'], ['old.stick']] as const;
    const old = await copyExample('quick-start', join(folder(), 'old-definition'), [before]);
    await buildDefinition(old, { outDir: join(folder(), 'old') });
  });

  afterEach(async () => {
    for (const machine of machines.splice(0)) await machine.cutPower();
  });

  it('boot by BIOS from a CD as their node, found by its MAC among several NICs, and again after a reboot, with an old stick', async () => {
    const disk = await blankDisk(diskFile('bios'));
    const hardware = {
      iso: iso('master-01'),
      firmware: 'bios',
      macs: [FOREIGN, MASTER],
      disks: stateDisk(disk),
    } as const;
    const first = await start(hardware, 'bios-first');
    await first.waitFor(/master-01 login: /, BOOT);
    const shell = await logIn(first, 'tester', 'console');
    await expectIdentity(shell, { node: 'master-01', ip: '192.168.50.11', mac: MASTER, bootRole: 'master-first' });
    const machineId = await shell('cat /etc/machine-id');
    const hostKey = await shell('sudo cat /var/lib/coldstart/ssh/ssh_host_ed25519_key.pub');
    expect(hostKey).toMatch(/^ssh-ed25519 /);
    await shell('sudo sh -c "echo kept >/var/lib/cluster-state/note; sync"');
    first.type('sudo systemctl reboot\n');
    await first.ended;

    const second = await start({ ...hardware, otherSticks: [oldIso('master-01')] }, 'bios-second');
    await second.waitFor(/master-01 login: /, BOOT);
    const again = await logIn(second, 'tester', 'console');
    await expectChosenMedium(again, 'master-01');
    await expectIdentity(again, { node: 'master-01', ip: '192.168.50.11', mac: MASTER, bootRole: 'master-first' });
    expect(await again('cat /etc/machine-id')).toBe(machineId);
    expect(await again('sudo cat /var/lib/coldstart/ssh/ssh_host_ed25519_key.pub')).toBe(hostKey);
    expect(await again('cat /var/lib/cluster-state/note')).toBe('kept');
    expect(await again('jq -r .boot /var/lib/cluster-state/ledger.jsonl | sort -u | wc -l')).toBe('2');
    await second.cutPower();
  });

  it('boot by UEFI with Secure Boot from a USB stick as their node, beside an old stick and that of another node', async () => {
    const disk = await blankDisk(diskFile('secure-boot'));
    const hardware = {
      iso: iso('worker-01'),
      firmware: 'secure-boot',
      macs: [WORKER],
      disks: stateDisk(disk),
      usb: true,
      otherSticks: [oldIso('worker-01'), iso('master-01')],
    } as const;
    const machine = await start(hardware, 'secure-boot');
    await machine.waitFor(/worker-01 login: /, BOOT);
    expect(machine.console()).toContain('secureboot: Secure boot enabled');
    const shell = await logIn(machine, 'tester', 'console');
    await expectChosenMedium(shell, 'worker-01');
    await expectIdentity(shell, { node: 'worker-01', ip: '192.168.50.21', mac: WORKER, bootRole: 'worker' });
    await machine.cutPower();
  });

  it('stop on a machine that is not theirs, with a report, and touch neither network nor disk', async () => {
    const disk = await blankDisk(diskFile('wrong-mac'));
    const before = await sha256File(disk);
    const wrong = '52:54:00:12:34:0f';
    const hardware = {
      iso: iso('master-01'),
      firmware: 'bios',
      macs: [wrong, FOREIGN],
      disks: stateDisk(disk),
    } as const;
    const machine = await start(hardware, 'wrong-mac');
    await machine.waitFor(/ login: /, BOOT);
    const shown = machine.console();
    expect(shown).toContain(wrong);
    expect(shown).toContain(FOREIGN);
    expect(shown).toMatch(/master-01/);
    expect(shown).toContain('coldstart identify');
    const shell = await logIn(machine, 'tester', 'console');
    expect(await shell('systemctl is-active NetworkManager')).toBe('inactive');
    expect(await shell('systemctl is-failed cluster-detect')).toBe('failed');
    expect(await shell('ip -4 -o address show scope global')).toBe('');
    expect(await shell('systemctl is-active cluster-bootstrap')).toBe('inactive');
    await machine.cutPower();
    expect(await sha256File(disk)).toBe(before);
  });

  it('refuse a disk that holds something foreign, say which, and leave it as it is', async () => {
    const disk = join(folder(), 'foreign.raw');
    await writeFile(disk, '');
    await truncate(disk, 2 * 2 ** 30); // read whole, twice
    await run({ command: 'mkfs.ext4', args: ['-q', '-L', 'photos', disk], reason: 'make a foreign file system' });
    const before = await sha256File(disk);
    const disks = [{ path: disk, serial: 'state', format: 'raw' }] as const;
    const machine = await start({ iso: iso('master-01'), firmware: 'bios', macs: [MASTER], disks }, 'foreign-disk');
    await machine.waitFor(/login: /, BOOT);
    const shell = await logIn(machine, 'tester', 'console');
    const issue = await shell('cat /run/issue.d/50-cluster.issue');
    expect(issue).toContain('vda');
    expect(issue).toContain('ext4');
    expect(await shell('systemctl is-failed cluster-disk')).toBe('failed');
    expect(await shell('findmnt -n -o FSTYPE --target /var')).toBe('overlay');
    expect(await shell('ip -4 -o address show scope global | grep -c 192.168.50.11')).toBe('1');
    await machine.cutPower();
    expect(await sha256File(disk)).toBe(before);
  });

  it('finish by themselves what power cuts interrupted', async () => {
    const disk = await blankDisk(diskFile('power-cut'));
    const hardware = { iso: iso('master-01'), firmware: 'bios', macs: [MASTER], disks: stateDisk(disk) } as const;
    const cuts = (process.env['COLDSTART_POWER_CUTS'] ?? '0 1.5').split(' ').map(Number);
    for (const [index, seconds] of cuts.entries()) {
      const machine = await start(hardware, `power-cut-${String(index)}`);
      // The kernel says that systemd-repart begins to format, or, once all is done, that /var is mounted.
      await machine.waitFor(/loop[2-9]: detected capacity change|EXT4-fs \(vda5\): mounted/, BOOT);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      await machine.cutPower();
    }
    const last = await start(hardware, 'power-cut-last');
    await last.waitFor(/master-01 login: /, BOOT);
    const shell = await logIn(last, 'tester', 'console');
    await expectIdentity(shell, { node: 'master-01', ip: '192.168.50.11', mac: MASTER, bootRole: 'master-first' });
    await last.cutPower();
  });
});

/** What boots is what the boot loader chose, and what it passed over is named. */
async function expectChosenMedium(shell: Shell, node: string): Promise<void> {
  const id = (await readManifest(join(folder(), 'out')))?.nodes[node]?.id ?? '';
  const chosen = `coldstart.image=${id} coldstart.node=${node}`;
  expect(await shell('cat /proc/cmdline')).toContain(chosen);
  expect(await shell('cat /proc/cmdline')).not.toContain('old.stick');
  expect(await shell('grep -ao "node_image=.*" /run/live/medium/boot/grub/node.cfg')).toBe(`node_image='${id}'`);
}

interface Identity {
  readonly node: string;
  readonly ip: string;
  readonly mac: string;
  readonly bootRole: string;
}

async function expectIdentity(shell: Shell, { node, ip, mac, bootRole }: Identity): Promise<void> {
  // The image holds the node's keys but not the programs, which nobody lets it fetch here; so the boot ends in waiting.
  await shell(`until grep -q artifact-unreachable /run/cluster/status.json; do sleep 2; done`, 300);
  expect(await shell('hostnamectl hostname')).toBe(`${node}.quick-start.example`);
  expect(await shell('cat /etc/cluster-config/node-identity')).toBe(node);
  expect(await shell(`cat /sys/class/net/$(ip -j -4 address show to ${ip} | jq -r '.[].ifname')/address`)).toBe(mac);
  expect(await shell('getent hosts master-01 | cut -d" " -f1')).toBe('192.168.50.11');
  expect(await shell('ip -4 route show default | cut -d" " -f3')).toBe('192.168.50.1');
  expect(await shell('findmnt -n -o FSTYPE,SOURCE /var')).toMatch(/^ext4\s+\/dev\/vda5$/);
  expect(await shell('cat /var/lib/cluster-state/bootstrap-state')).toBe('uninitialized');
  expect(await shell('cat /var/lib/cluster-state/node-role')).toBe(bootRole);
  expect(await shell('am-i-first-master.sh')).toBe(bootRole);
  expect(await shell('systemctl is-active cluster-network cluster-bootstrap cluster-artifacts')).toMatch(
    /^active\s+inactive\s+activating$/,
  );
  expect(await shell('systemctl --failed --no-legend')).toBe('');
  expect(await shell('sudo stat -c "%a %U" /etc/kubernetes/pki/kubelet.key')).toBe('600 root');
  expect(await shell('jq -r .node /run/cluster/status.json')).toBe(node);
  expect(await shell('check-bootstrap-status.sh --json | jq -r .state')).toBe('uninitialized');
}
