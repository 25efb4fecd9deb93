/**
 * Kernel arguments with harmful values: the node boots with them, but does not work as it should (kernel-parameters.txt,
 * admin-guide/serial-console; kernel-command-line(7); systemd-system.conf(5)).
 */
import { secondsOf } from '../systemd/values/values.ts';

/** The bounds of a value, and why they are needed. */
interface Bounds {
  readonly argument: RegExp;
  /** In the unit of `read`. */
  readonly least: number;
  readonly most?: number;
  readonly read: (value: string) => number | undefined;
  /** Ends a sentence. */
  readonly reason: string;
}

const GIB = 1024 ** 3;

const BOUNDS: readonly Bounds[] = [
  {
    argument: /^systemd\.default_timeout_start_sec=(.*)$/,
    least: 30,
    read: secondsOf,
    reason: 'services of the node would be stopped before they are ready; some need more than 30 seconds',
  },
  {
    argument: /^systemd\.default_device_timeout_sec=(.*)$/,
    least: 10,
    read: secondsOf,
    reason: 'the node would not wait for disks that appear late',
  },
  { argument: /^mem=(.*)$/, least: GIB, read: bytesOf, reason: 'a node needs more memory' },
  {
    // cluster-mark-good.sh and try.sh read it; cluster-try.timer ends what takes longer.
    argument: /^coldstart\.try_wait=(.*)$/,
    least: 60,
    most: 2700,
    read: (value) => (/^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined),
    reason: 'an update is tried for 60 to 2700 seconds',
  },
];

/** `memparse` of the kernel: a number in C's notation, with a power of 1024. */
function bytesOf(value: string): number | undefined {
  const [, count, unit = ''] = /^(0x[0-9a-f]+|\d+)([KMGTPE]?)$/i.exec(value) ?? [];
  return count === undefined ? undefined : Number(count) * 1024 ** ' KMGTPE'.indexOf(unit.toUpperCase() || ' ');
}

/** Console devices of common drivers; `ttynull` and an empty value mean no console. */
const CONSOLE_DEVICE =
  /^(|null|ttynull|tty\d{0,2}|tty(S|USB|ACM|AMA|PS|UL|XR|GS|MXC|MSM|SAC)\d{1,3}|hvc\d{1,3}|xvc\d|lp\d|brl\d?|netcon\d*|braille|pstore.*|ttyprintk)$/;
const SERIAL_OPTIONS = /^\d{3,7}([noe]([5-8](r?))?)?$/;

function whyNoConsole(value: string): string | undefined {
  if (/^(uart(8250)?|brl|hvsi),/.test(value)) return undefined;
  const [device = '', ...rest] = value.split(',');
  if (device.includes('/')) return 'a console is named without `/dev/`';
  if (!CONSOLE_DEVICE.test(device)) return 'the kernel has no such console';
  const isSerial = /^tty(S|AMA)\d/.test(device);
  return isSerial && rest.length > 0 && !SERIAL_OPTIONS.test(rest.join(','))
    ? 'a serial console is set as in `ttyS0,115200n8`'
    : undefined;
}

/** Why the value of an argument is harmful, as the end of a sentence. */
export function whyBadValue(argument: string): string | undefined {
  const console = /^console=(.*)$/.exec(argument)?.[1];
  if (console !== undefined) return whyNoConsole(console);
  for (const { argument: pattern, least, most = Infinity, read, reason } of BOUNDS) {
    const value = pattern.exec(argument)?.[1];
    if (value === undefined) continue;
    const amount = read(value);
    if (amount === undefined) return `\`${value}\` is not understood there`;
    // For systemd, 0 and `infinity` mean no limit.
    const isUnlimited = read === secondsOf && amount === 0;
    return (amount < least && !isUnlimited) || amount > most ? reason : undefined;
  }
  return undefined;
}

/** Arguments of which the kernel uses the last one, so two of them in a list contradict each other. */
const SINGLE = new Set(
  [
    'panic loglevel mem maxcpus nr_cpus transparent_hugepage mitigations net.ifnames biosdevname ipv6.disable selinux apparmor audit',
    'coldstart.try_wait init systemd.unit systemd.default_timeout_start_sec systemd.default_device_timeout_sec systemd.log_level systemd.show_status',
    'isolcpus nohz_full rcu_nocbs default_hugepagesz processor.max_cstate intel_idle.max_cstate iommu pcie_aspm',
  ].flatMap((names) => names.split(' ')),
);

/** The name of an argument that can have one value only. */
export function singleName(argument: string): string | undefined {
  const [name = ''] = argument.split('=', 1);
  return argument.includes('=') && SINGLE.has(name) ? name : undefined;
}
