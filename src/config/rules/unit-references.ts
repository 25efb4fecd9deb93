/** What units name: other units, programs, users. That it is not there is a warning, as a script may bring it later. */
import type { Report } from '../../diagnostics/report.ts';
import { BASE_ACCOUNTS } from '../base-system/accounts.ts';
import { readCommand } from '../systemd/command.ts';
import { installationOf } from '../systemd/install.ts';
import { lastValue, valuesOf } from '../systemd/unit-file.ts';
import { lacks } from './programs.ts';
import type { Facts } from './rule.ts';
import { lacksUnit, nearestUnit, triggered, type UnitOf } from './unit-world.ts';

export function checkReferences(one: UnitOf, facts: Facts, report: Report): void {
  checkTriggered(one, report);
  checkWishes(one, report);
  checkDependencies(one, report);
  checkPrograms(one, facts, report);
  checkUser(one, report);
}

function checkTriggered({ name, unit, units, place }: UnitOf, report: Report): void {
  const other = triggered(name, unit);
  if (other === undefined || !lacksUnit(other, { ...units, isComplete: true })) return;
  report.add('unit/starts-nothing', { name, other }, place(0));
}

function checkWishes({ name, text, units, place }: UnitOf, report: Report): void {
  for (const { key, unit: other, line } of installationOf(name, text).wishes) {
    if (key !== 'Alias' && lacksUnit(other, units)) reportUnknown({ name, key, other }, line, { units, place }, report);
  }
}

/** Without these a unit does not start; misspelt names in the others do no harm but have no effect either. */
const NEEDED = ['Requires', 'Requisite', 'BindsTo'];
const WEAK = ['Wants', 'Upholds', 'After', 'Before', 'PartOf', 'OnFailure', 'OnSuccess', 'Conflicts'];

function checkDependencies({ name, unit, units, place }: UnitOf, report: Report): void {
  for (const key of [...NEEDED, ...WEAK]) {
    for (const { value, line } of valuesOf(unit, 'Unit', key)) {
      for (const other of value.split(/\s+/)) {
        const isMeant = NEEDED.includes(key) || nearestUnit(other, units.names) !== undefined;
        if (isMeant && lacksUnit(other, units)) reportUnknown({ name, key, other }, line, { units, place }, report);
      }
    }
  }
}

interface Named {
  readonly name: string;
  readonly key: string;
  readonly other: string;
}

function reportUnknown(named: Named, line: number, { units, place }: Pick<UnitOf, 'units' | 'place'>, report: Report) {
  const meant = nearestUnit(named.other, units.names);
  const hint = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
  report.add('unit/unknown-unit', named, { ...place(line), hint });
}

const COMMANDS = [
  'ExecCondition',
  'ExecStartPre',
  'ExecStart',
  'ExecStartPost',
  'ExecReload',
  'ExecStop',
  'ExecStopPost',
];

function checkPrograms({ name, node, unit, place }: UnitOf, facts: Facts, report: Report): void {
  if (lastValue(unit, 'Service', 'RootDirectory') ?? lastValue(unit, 'Service', 'RootImage')) return;
  for (const { value, line } of COMMANDS.flatMap((key) => valuesOf(unit, 'Service', key))) {
    const missing = (readCommand(value).programs ?? []).find(
      (program) => !/[%$]/.test(program) && lacks(node, program, facts),
    );
    if (missing !== undefined) report.add('unit/missing-program', { name, program: missing }, place(line));
  }
}

function checkUser({ name, node, unit, place }: UnitOf, report: Report): void {
  if (/^(1|y|yes|t|true|on)$/i.test(lastValue(unit, 'Service', 'DynamicUser') ?? '')) return;
  const user = valuesOf(unit, 'Service', 'User').at(-1);
  if (user === undefined || /[%\d]/.test(user.value) || BASE_ACCOUNTS.has(user.value)) return;
  const isMade = node.users.some((one) => one.name === user.value) || node.packages.length > 0;
  const isMentioned = [...node.files, ...node.hooks].some(({ content }) => content.includes(user.value));
  if (isMade || isMentioned || node.roles.some((role) => role.startsWith('ceph-'))) return;
  report.add('unit/unknown-user', { name, user: user.value }, place(user.line));
}
