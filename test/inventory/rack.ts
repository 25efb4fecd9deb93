/**
 * A server for the inventory: two cards in a network with DHCP and without a way out (one of them without a cable at first), one at a
 * switch that speaks LLDP, a disk with data, a blank one, and a stick that is called INVENTORY.
 */
import { join } from 'node:path';
import { run } from '../../src/builder/system/run.ts';
import { sha256File } from '../../src/builder/system/digest.ts';
import { LOGS } from '../boot/environment.ts';
import { freePort } from '../boot/free-port.ts';
import { boot, type Machine, type MachineOptions } from '../boot/machine.ts';
import { ask, monitorArgs } from './monitor.ts';
import { neighbour } from './neighbour.ts';

export const MACS = { lan: '52:54:00:aa:00:01', switched: '52:54:00:aa:00:02', dangling: '52:54:00:aa:00:03' };
export const DISK = { serial: 'OLD-1', wwn: '0x5000c500a1b2c3d4' };
/** What QEMU's user network gives to its first guest. */
export const ADDRESS = '10.0.2.15';

export interface Server {
  readonly machine: Machine;
  /** What the console shows now: the last page. */
  readonly page: () => string;
  /** Asks the machine over HTTP. @throws when there is no answer in time */
  readonly get: () => Promise<string>;
  readonly plugIn: () => Promise<void>;
  /** The screen as a picture. */
  readonly photograph: () => Promise<string>;
  /** What is on the stick; the machine is off. */
  readonly fileOnStick: (name: string) => Promise<string>;
  /** Whether the disk with data has what it had. */
  readonly isUntouched: () => Promise<boolean>;
  /** Pulls the plug; a second time does nothing. */
  readonly off: () => Promise<void>;
}

const program = (command: string, ...args: readonly string[]): Promise<string> =>
  run({ command, args, reason: 'prepare a machine' });

/** @param folder for its disks */
export async function server(
  folder: string,
  options: Pick<MachineOptions, 'iso' | 'firmware' | 'usb'>,
  name: string,
): Promise<Server> {
  const path = (file: string): string => join(folder, `${name}-${file}`);
  const [old, blank, stick, monitor] = [path('old'), path('blank'), path('stick'), path('qmp')];
  await program('truncate', '--size=1G', old, blank);
  await program('mkfs.ext4', '-q', '-L', 'data', old);
  await program('mkfs.vfat', '-n', 'INVENTORY', '-C', stick, '65536');
  const before = await sha256File(old);
  const [http, mine, theirs] = [await freePort(), await freePort(), await freePort()];
  const other = await neighbour('rack3-switch', 'server 7', mine, theirs);
  const machine = await boot({
    ...{ ...options, macs: [], memory: 2048, log: join(LOGS, `inventory-${name}.log`) },
    disks: [
      { path: old, format: 'raw', bus: 'ata', ...DISK },
      { path: blank, format: 'raw', bus: 'nvme', serial: 'NEW-1' },
    ],
    more: [
      ...['-netdev', `user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:${http}-:80`],
      ...['-device', `virtio-net-pci,netdev=lan,mac=${MACS.lan}`],
      ...[...other.netdev('switched'), '-device', `e1000e,netdev=switched,mac=${MACS.switched}`],
      ...['-netdev', 'user,id=dangling,restrict=on,net=10.0.3.0/24'],
      ...['-device', `virtio-net-pci,netdev=dangling,id=card,mac=${MACS.dangling}`],
      ...['-device', 'qemu-xhci,id=ports', '-drive', `if=none,id=carrier,format=raw,file=${stick}`],
      ...['-device', 'usb-storage,bus=ports.0,drive=carrier,removable=on'],
      ...['-smbios', 'type=1,manufacturer=Example,product=Server 1,serial=SN-1'],
      ...monitorArgs(monitor),
    ],
  });
  await ask(monitor, 'set_link', { name: 'card', up: false });
  let isOn = true;
  return {
    machine,
    page: () => machine.console().slice(Math.max(0, machine.console().lastIndexOf('coldstart inventory. '))),
    get: async () => {
      const answer = await fetch(`http://127.0.0.1:${http}/`, { signal: AbortSignal.timeout(30_000) });
      return answer.text();
    },
    plugIn: () => ask(monitor, 'set_link', { name: 'card', up: true }),
    photograph: async () => {
      await ask(monitor, 'screendump', { filename: path('screen.png'), format: 'png' });
      return path('screen.png');
    },
    fileOnStick: (file) => program('mtype', '-i', stick, `::/${file}`),
    isUntouched: async () => (await sha256File(old)) === before,
    off: async () => {
      if (isOn) other.leave();
      isOn = false;
      await machine.cutPower();
    },
  };
}
