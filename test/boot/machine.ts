/**
 * A virtual machine under test: boots an image in QEMU with the given firmware, NICs and disks, records its serial
 * console and types into it. Guests have no access to outside networks (`restrict=on`). Every machine ends with its
 * test.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { withoutEscapes } from '../../src/lab/console/console-text.ts';
import { acceleratorArgs, firmwareArgs, usualProcessors, type Firmware } from '../../src/lab/qemu/firmware.ts';
import { machineArgs } from '../../src/lab/qemu/args.ts';
import type { DiskBus } from '../../src/lab/qemu/disks.ts';

export interface MachineOptions {
  /** A path, or an address that QEMU can read; null boots from the network. */
  readonly iso: string | null;
  readonly firmware: Firmware;
  /** A file for the settings that UEFI keeps, where several starts are of one machine. */
  readonly variables?: string;
  /** One NIC each. */
  readonly macs: readonly string[];
  /** Options of QEMU's user network. */
  readonly network?: string;
  readonly disks?: readonly MachineDisk[];
  /** As a USB stick instead of a CD. */
  readonly usb?: boolean;
  /** Images on further USB sticks, from which it does not boot. */
  readonly otherSticks?: readonly string[];
  /** Whether the machine has a watchdog; one that barks restarts it. */
  readonly watchdog?: boolean;
  /** Whether a restart goes on with the next start, as on a real machine; by default it ends the machine. */
  readonly restarts?: boolean;
  /** MiB. */
  readonly memory?: number;
  /** Where the serial console's log is kept, for the person who looks into a failure. */
  readonly log?: string;
  /** Further arguments of QEMU. */
  readonly more?: readonly string[];
}

interface MachineDisk {
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
  readonly serial: string;
  /** By default virtio. */
  readonly bus?: DiskBus;
  /** For ATA and SCSI. */
  readonly wwn?: string;
}

export interface Machine {
  /** All that the serial console has shown so far, without terminal escapes. */
  readonly console: () => string;
  /** Waits until the console shows the pattern after the last match; throws with the console's end at the deadline. */
  readonly waitFor: (pattern: RegExp, seconds: number) => Promise<RegExpExecArray>;
  readonly type: (text: string) => void;
  /** Pulls the plug. */
  readonly cutPower: () => Promise<void>;
  /** Resolves once the machine has ended by itself. */
  readonly ended: Promise<void>;
}

/** No machine lives longer than this, in seconds; timeout(1) ends it even if the test is killed. */
const MOST_SECONDS = 1500;
const MOST_WITH_RESTARTS = 7200;

export async function boot(options: MachineOptions): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-vm-'));
  const socket = join(folder, 'serial');
  const most = options.restarts === true ? MOST_WITH_RESTARTS : MOST_SECONDS;
  const args = ['--kill-after=5', String(most), 'qemu-system-x86_64', ...(await qemuArgs(options, folder, socket))];
  const qemu = spawn('timeout', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // a group of its own, to be killed as a whole
  });
  let complaint = '';
  qemu.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ended = once(qemu, 'exit').then(() => rm(folder, { recursive: true, force: true }));
  const serial = await connect(socket, qemu, () => complaint);
  return { ...watch(serial, options.log, () => complaint), ended, cutPower: () => end(qemu, ended) };
}

async function qemuArgs(options: MachineOptions, folder: string, socket: string): Promise<string[]> {
  const {
    iso,
    usb = false,
    otherSticks = [],
    macs,
    network = 'restrict=on',
    disks = [],
    memory = 1536,
    watchdog = false,
    restarts = false,
    more = [],
    firmware,
  } = options;
  const machine = machineArgs({
    ...{ accelerator: acceleratorArgs(), processors: usualProcessors(), memory, endsOnReboot: !restarts },
    ...{ iso, usb, otherSticks },
    firmware: await firmwareArgs(firmware, options.variables ?? join(folder, 'vars.fd')),
    disks: disks.map(({ path, format, serial, bus = 'virtio', wwn }) => ({
      ...{ path, format },
      device: { bus, properties: wwn === undefined ? { serial } : { serial, wwn } },
    })),
    nics: macs.map((mac) => ({ mac, backend: `user,${network}` })),
    serial: `path=${socket},server=on,wait=on`,
  });
  return [...machine, ...(watchdog ? ['-device', 'i6300esb', '-action', 'watchdog=reset'] : []), ...more];
}

async function connect(path: string, qemu: ChildProcess, complaint: () => string): Promise<Socket> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (qemu.exitCode !== null) break;
    const socket = createConnection(path);
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    if (connected) return socket;
    await delay(100);
  }
  throw new Error(`QEMU did not start: ${complaint()}`);
}

/**
 * A console as `Machine` has it.
 * @param log file for all that it shows
 * @param complaint the error messages of the machine's own program
 */
export function watch(
  serial: Socket,
  log: string | undefined,
  complaint: () => string = () => '',
): Pick<Machine, 'console' | 'waitFor' | 'type'> {
  let raw = '';
  let text = '';
  let seen = 0;
  let isClosed = false;
  let wake = (): void => undefined;
  serial.setEncoding('utf8');
  serial.on('data', (chunk: string) => {
    raw += chunk;
    text = withoutEscapes(raw);
    if (log !== undefined)
      void import('node:fs').then((fs) => {
        fs.writeFileSync(log, text);
      });
    wake();
  });
  serial.on('error', () => undefined); // `close` follows
  serial.on('close', () => {
    isClosed = true;
    wake();
  });
  const waitFor = async (pattern: RegExp, seconds: number): Promise<RegExpExecArray> => {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const match = pattern.exec(text.slice(seen));
      if (match !== null) {
        seen += match.index + match[0].length;
        return match;
      }
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`no ${String(pattern)} in ${String(seconds)} s; the console ends:\n${text.slice(-3000)}`);
      if (isClosed) throw new Error(`the machine is gone: ${complaint()}; the console ends:\n${text.slice(-3000)}`);
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), delay(left)]);
    }
  };
  return { console: () => text, waitFor, type: (line) => void serial.write(line) };
}

async function end(qemu: ChildProcess, ended: Promise<void>): Promise<void> {
  const isRunning = qemu.exitCode === null && qemu.signalCode === null;
  if (qemu.pid !== undefined && isRunning) process.kill(-qemu.pid, 'SIGKILL');
  await ended;
  // QEMU itself, a child of timeout(1), may take longer to end, and holds the locks of its disks as long.
  for (let tries = 0; tries < 100 && hasGroup(qemu.pid); tries++) await delay(100);
}

function hasGroup(id: number | undefined): boolean {
  try {
    return id !== undefined && process.kill(-id, 0);
  } catch {
    return false;
  }
}
