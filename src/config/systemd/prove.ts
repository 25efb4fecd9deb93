/** The faults that systemd finds when it loads a unit file, one for each mistake. */
import { parseIp } from '../network/net.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { isCalendarEvent, lastYear } from './values/calendar.ts';
import { readCommand } from './command.ts';
import { unmetDemand } from './demands.ts';
import { SETTINGS, type Form } from './settings.ts';
import { readUnitFile, type Assignment, type UnitFault, type UnitFile } from './unit-file.ts';
import { isSliceName, MAY_TEMPLATE, readUnitName, type UnitName } from './unit-name.ts';
import { valueFault } from './values/value-kinds.ts';
import type { ValueFault } from './values/values.ts';

/** @param isDropIn a drop-in file only extends a unit, so it need not be complete */
export function proveUnit(name: string, text: string, isDropIn = false): readonly UnitFault[] {
  const parts = readUnitName(name);
  if (parts === undefined) return [refused('systemd does not take its name')];
  const naming = isDropIn ? undefined : nameFault(parts);
  if (naming !== undefined) return [refused(naming)];
  if (text.trim() === '' && !isDropIn) return [refused('an empty file masks the unit, so that it can never start')];
  const unit = readUnitFile(text);
  const broken = unit.faults.find(({ weight }) => weight === 'refused');
  if (broken !== undefined) return [broken];
  const found = [
    ...unit.faults,
    ...sectionFaults(unit, parts),
    ...unit.assignments.flatMap((one) => lineFault(one, parts)),
  ];
  return isDropIn ? found : withDemands(unit, parts, found);
}

const refused = (reason: string): UnitFault => ({ line: 0, weight: 'refused', reason });

function nameFault({ prefix, instance, suffix }: UnitName): string | undefined {
  if (instance !== undefined && !MAY_TEMPLATE.has(suffix)) return `a unit \`.${suffix}\` cannot be a template`;
  if (suffix === 'slice' && !isSliceName(prefix)) return 'in the name of a slice no part between dashes may be empty';
  return suffix === 'scope' || suffix === 'device' ? `systemd reads no files of type \`.${suffix}\`` : undefined;
}

/** Adds an unmet requirement. If a setting is missing because of an ignored line, that line's fault becomes the error instead. */
function withDemands(unit: UnitFile, name: UnitName, found: readonly UnitFault[]): readonly UnitFault[] {
  if (found.some(({ weight }) => weight === 'refused')) return found;
  const passedOver = new Set(found.map(({ line }) => line));
  const assignments = unit.assignments.filter(({ line }) => !passedOver.has(line));
  const unmet = unmetDemand({ ...unit, assignments }, name);
  if (unmet === undefined) return found;
  const [cause] = unmet.lacks ? found : [];
  if (cause === undefined) return [...found, unmet];
  return found.map((one) => (one === cause ? { ...one, weight: 'refused' as const } : one));
}

const ownSection = (suffix: string): string => suffix.charAt(0).toUpperCase() + suffix.slice(1);

function sectionFaults({ sections }: UnitFile, { suffix }: UnitName): readonly UnitFault[] {
  const known = ['Unit', ownSection(suffix), 'Install'];
  return sections
    .filter(({ name }) => !known.includes(name) && !name.startsWith('X-'))
    .map(({ name, line }) => {
      const meant = suggest(name, known);
      const hint =
        meant === undefined
          ? `a \`.${suffix}\` has ${known.map((one) => `\`[${one}]\``).join(', ')}`
          : `did you mean \`[${meant}]\`?`;
      return { line, weight: 'ignored', reason: `a unit \`.${suffix}\` has no section \`[${name}]\``, hint };
    });
}

function lineFault(one: Assignment, { suffix }: UnitName): readonly UnitFault[] {
  const { section, key, value, line } = one;
  const settings = ['Unit', ownSection(suffix), 'Install'].includes(section) ? (SETTINGS[section] ?? NONE) : undefined;
  if (settings === undefined || key.startsWith('X-')) return [];
  const form = settings.get(key);
  if (form === undefined) return [{ line, weight: 'ignored', ...unknownKey(section, key, [...settings.keys()]) }];
  const fatal = fatalFault(key, form, value);
  if (fatal !== undefined) return [{ line, weight: 'refused', reason: fatal }];
  const fault = special(section, key, value) ?? valueFault(section, key, form, value);
  return fault === undefined ? [] : [{ line, weight: 'ignored', ...fault }];
}

const NONE: ReadonlyMap<string, Form> = new Map();

function unknownKey(section: string, key: string, known: readonly string[]): ValueFault {
  const reason = `\`${key}=\` is not a setting of \`[${section}]\``;
  const meant = suggest(key, known);
  if (meant !== undefined) return { reason, hint: `did you mean \`${meant}=\`?` };
  const other = Object.entries(SETTINGS).find(([, settings]) => settings.has(key))?.[0];
  return { reason, hint: other && `it belongs in \`[${other}]\`` };
}

/** Faults of a value for which systemd does not load the unit, instead of ignoring the line. */
function fatalFault(key: string, form: Form, value: string): string | undefined {
  if (form === 'command' && value !== '') {
    const unknown = /%[FKOQXZekxz0-9]/.exec(value.replaceAll('%%', ''))?.[0];
    if (unknown !== undefined) return `\`${unknown}\` is not a specifier; write \`%%\` for a \`%\``;
    return readCommand(value).refused;
  }
  if (value.includes('%')) return undefined;
  if (/^(User|Group)$/.test(key) && !isAccount(value)) return `\`${key}=${value}\` is neither a name nor a number`;
  if (/^(RootDirectory|RootImage)$/.test(key) && value !== '' && !isPlainPath(value)) return notAbsolute(key, value);
  // With a dash, systemd only ignores a faulty line.
  if (key === 'WorkingDirectory' && !/^(-?~|-.*|)$/.test(value) && !isPlainPath(value)) return notAbsolute(key, value);
  return undefined;
}

/** valid_user_group_name() in its relaxed form, uid_is_valid(). */
const isAccount = (value: string): boolean =>
  value === '' ||
  (/^\d+$/.test(value)
    ? Number(value) < 4_294_967_295 && value !== '65535'
    : /^(?!\.{1,2}$)[^-:/\s][^:/]*$/.test(value));

const isPlainPath = (value: string): boolean => value.startsWith('/') && !/(^|\/)\.\.(\/|$)/.test(value);
const notAbsolute = (key: string, value: string): string =>
  `\`${key}=${value}\` is not an absolute path without \`..\``;

/** The year of Debian trixie's release: no node ran before. */
const RELEASED = 2025;

/** Checks of values whose form is not in systemd's list. */
function special(section: string, key: string, value: string): ValueFault | undefined {
  if (value === '' || value.includes('%')) return undefined;
  if (key === 'OnCalendar' && !isCalendarEvent(value)) {
    const hint = 'such as `daily`, `Mon 03:00` or `*-*-* 04:00`; `systemd-analyze calendar` checks it';
    return { reason: `\`OnCalendar=${value}\` is not a calendar event`, hint };
  }
  const year = key === 'OnCalendar' ? lastYear(value) : undefined;
  if (year !== undefined && year < RELEASED) {
    return {
      reason: `\`OnCalendar=${value}\` is in the past: it means the year ${String(year)}`,
      hint: 'write the year in full',
    };
  }
  if (key === 'EnvironmentFile' && !isPlainPath(value.replace(/^-/, ''))) return { reason: notAbsolute(key, value) };
  if (key === 'WorkingDirectory' && value.startsWith('-') && value !== '-~' && !isPlainPath(value.slice(1))) {
    return { reason: notAbsolute(key, value) };
  }
  if (/^Listen(FIFO|Special)$/.test(key) && !isPlainPath(value)) return { reason: notAbsolute(key, value) };
  if (/^Listen(Stream|Datagram|SequentialPacket)$/.test(key) && !isSocketAddress(value)) {
    return { reason: `\`${key}=${value}\` is neither a port nor an address with a port nor an absolute path` };
  }
  return undefined;
}

function isSocketAddress(value: string): boolean {
  if (/^(\/|@|vsock)/.test(value)) return true;
  const [, host, port = ''] = /^(?:(.*):)?(\d+)$/.exec(value) ?? [];
  const isAddress = host === undefined || parseIp(host.replace(/^\[(.*)\]$/, '$1')) !== undefined;
  return isAddress && port !== '' && Number(port) >= 1 && Number(port) <= 65_535;
}
