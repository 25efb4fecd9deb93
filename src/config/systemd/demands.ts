/**
 * The requirements of systemd for loading a unit, by type of unit. Sources: service_verify(), socket_verify(), timer_verify(),
 * path_verify(), mount_verify(), automount_verify(), swap_verify() in its source. `test/image/base-system/units-oracle.test.ts`
 * compares them with systemd.
 */
import { lastValue, valuesOf, type Assignment, type UnitFault, type UnitFile } from './unit-file.ts';
import { readCommand } from './command.ts';
import { escapePath, type UnitName } from './unit-name.ts';

/** An unmet requirement. `lacks`: a setting is missing, perhaps because systemd ignores its line. */
type Unmet = UnitFault & { readonly lacks: boolean };

const refused = (line: number, reason: string, hint?: string): Unmet => ({
  line,
  weight: 'refused',
  reason,
  hint,
  lacks: false,
});

const lacking = (unit: UnitFile, section: string, reason: string, hint?: string): Unmet => ({
  line: unit.sections.find(({ name }) => name === section)?.line ?? 0,
  weight: 'refused',
  reason,
  hint,
  lacks: true,
});

type Demand = (unit: UnitFile, name: UnitName) => Unmet | undefined;

/** The first requirement that the unit does not meet. */
export function unmetDemand(unit: UnitFile, name: UnitName): Unmet | undefined {
  return DEMANDS[name.suffix]?.(unit, name);
}

const service: Demand = (unit) => {
  const get = (key: string): string | undefined => lastValue(unit, 'Service', key);
  const isOneshot = get('Type') === 'oneshot';
  const starts = valuesOf(unit, 'Service', 'ExecStart').filter(({ value }) => countCommands(value) > 0);
  const acts = lastValue(unit, 'Unit', 'SuccessAction') ?? 'none';
  if (starts.length === 0 && acts === 'none') {
    const stays = /^(1|y|yes|t|true|on)$/i.test(get('RemainAfterExit') ?? '');
    if (valuesOf(unit, 'Service', 'ExecStop').length === 0 || !stays) {
      return lacking(
        unit,
        'Service',
        'it has no `ExecStart=`',
        'add the program that it starts: `ExecStart=/usr/local/bin/…`',
      );
    }
  }
  const again = isOneshot ? undefined : secondCommand(starts);
  if (again !== undefined) {
    return refused(again.line, 'only services of `Type=oneshot` may have several commands in `ExecStart=`');
  }
  return contradiction(unit, isOneshot);
};

function secondCommand(starts: readonly Assignment[]): Assignment | undefined {
  let count = 0;
  return starts.find(({ value }) => (count += countCommands(value)) > 1);
}

function countCommands(value: string): number {
  const command = readCommand(value);
  return command.refused === undefined ? command.count : 0;
}

function contradiction(unit: UnitFile, isOneshot: boolean): Unmet | undefined {
  const find = (key: string): Assignment | undefined => valuesOf(unit, 'Service', key).at(-1);
  const restart = find('Restart');
  if (isOneshot && restart !== undefined && /^(always|on-success)$/.test(restart.value)) {
    return refused(restart.line, `\`Restart=${restart.value}\` cannot be for a service of \`Type=oneshot\``);
  }
  const type = find('Type');
  if (type?.value === 'dbus' && find('BusName') === undefined) {
    return refused(type.line, '`Type=dbus` wants a `BusName=`');
  }
  const exit = find('ExitType');
  if (isOneshot && exit?.value === 'cgroup') {
    return refused(exit.line, '`ExitType=cgroup` cannot be for a service of `Type=oneshot`');
  }
  const kill = find('KillMode');
  if (find('PAMName') !== undefined && kill !== undefined && /^(process|none)$/.test(kill.value)) {
    return refused(kill.line, `\`KillMode=${kill.value}\` cannot be together with \`PAMName=\``);
  }
  return undefined;
}

const LISTENS =
  'ListenStream ListenDatagram ListenSequentialPacket ListenFIFO ListenNetlink ListenSpecial ListenMessageQueue ListenUSBFunction';

const socket: Demand = (unit) => {
  const listens = LISTENS.split(' ').flatMap((key) => valuesOf(unit, 'Socket', key));
  if (listens.length === 0) {
    return lacking(unit, 'Socket', 'it does not listen to any socket', 'add `ListenStream=` with a port or a path');
  }
  const accept = valuesOf(unit, 'Socket', 'Accept').at(-1);
  if (accept === undefined || !/^(1|y|yes|t|true|on)$/i.test(accept.value)) return undefined;
  const other = listens.find(({ key }) => !/^Listen(Stream|SequentialPacket)$/.test(key));
  return other && refused(other.line, `\`Accept=yes\` cannot be for \`${other.key}=\``);
};

const STARTS = 'OnCalendar OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec'.split(' ');

const timer: Demand = (unit) => {
  const times = STARTS.flatMap((key) => valuesOf(unit, 'Timer', key));
  const changes = ['OnClockChange', 'OnTimezoneChange'].map((key) => lastValue(unit, 'Timer', key) ?? 'no');
  if (times.length > 0 || changes.some((value) => /^(1|y|yes|t|true|on)$/i.test(value))) return undefined;
  return lacking(unit, 'Timer', 'it never elapses', 'add `OnCalendar=` or `OnBootSec=`');
};

const PATHS = 'PathExists PathExistsGlob PathChanged PathModified DirectoryNotEmpty'.split(' ');

const path: Demand = (unit) =>
  PATHS.some((key) => valuesOf(unit, 'Path', key).length > 0)
    ? undefined
    : lacking(unit, 'Path', 'it does not watch any path', 'add `PathExists=` or `PathChanged=`');

/** Mount points of the kernel and systemd: mount_point_is_api(). */
const API =
  /^\/(dev|proc|sys|dev\/(shm|pts|mqueue|hugepages)|run|sys\/(fs\/(cgroup|bpf|pstore|selinux|smackfs)|kernel\/security|firmware\/efi\/efivars))$/;

const mount: Demand = (unit, name) => {
  if (lastValue(unit, 'Mount', 'What') === undefined) {
    return lacking(unit, 'Mount', 'it has no `What=`', 'add the device: `What=/dev/disk/by-label/…`');
  }
  const where = valuesOf(unit, 'Mount', 'Where').at(-1);
  if (where !== undefined && API.test(where.value)) {
    return refused(where.line, `systemd mounts \`${where.value}\` itself`);
  }
  return misnamed(where, name);
};

const automount: Demand = (unit, name) => misnamed(valuesOf(unit, 'Automount', 'Where').at(-1), name);

const swap: Demand = (unit, name) => misnamed(valuesOf(unit, 'Swap', 'What').at(-1), name);

/** The name of a unit for a path must be the escaped path. */
function misnamed(path: Assignment | undefined, { prefix, suffix }: UnitName): Unmet | undefined {
  if (path === undefined || path.value.includes('%')) return undefined;
  const isPath = path.value.startsWith('/');
  if (!isPath && suffix !== 'swap') return undefined; // systemd ignores it and derives the path from the name
  const expected = escapePath(path.value);
  if (isPath && expected === prefix) return undefined;
  const hint = isPath ? `rename it to \`${expected}.${suffix}\`` : 'name the device: `What=/dev/disk/by-label/…`';
  return refused(path.line, `its name does not match the path of \`${path.key}=${path.value}\``, hint);
}

const DEMANDS: Readonly<Record<string, Demand>> = { service, socket, timer, path, mount, automount, swap };
