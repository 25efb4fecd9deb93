/** References in units: other units, programs, users. A missing one is a warning, because a script may create it later. */
import type { Report } from '../../../diagnostics/report.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { BASE_ACCOUNTS, BASE_GROUPS } from '../../base-system/accounts.ts';
import type { Node } from '../../cluster.ts';
import { readCommand } from '../../systemd/command.ts';
import { installationOf } from '../../systemd/install.ts';
import { lastValue, valuesOf } from '../../systemd/unit-file.ts';
import { readUnitName } from '../../systemd/unit-name.ts';
import { lacks } from '../files/programs.ts';
import type { Facts } from '../rule.ts';
import { lacksUnit, nearestUnit, triggered, type UnitOf } from './world.ts';
import { isCephNode } from '../../roles.ts';

export function checkReferences(one: UnitOf, facts: Facts, report: Report): void {
  checkTriggered(one, facts, report);
  checkWishes(one, report);
  checkDependencies(one, report);
  checkPrograms(one, facts, report);
  checkAccounts(one, facts, report);
}

function checkTriggered(unitOf: UnitOf, facts: Facts, report: Report): void {
  const { name, unit, units, place } = unitOf;
  const other = triggered(name, unit);
  const isLacking = (one: string): boolean =>
    one.endsWith('.mount') ? lacksMount(one, unitOf, facts) : lacksUnit(one, { ...units, isComplete: true });
  if (other !== undefined && isLacking(other)) report.add('unit/starts-nothing', { name, other }, place(0));
}

/** A mount may come from `/etc/fstab` as well: systemd-fstab-generator(8). */
function lacksMount(name: string, { node, units }: UnitOf, { overlays }: Facts): boolean {
  const hasTable = [...node.files, ...overlays].some(({ path }) => path.endsWith('/etc/fstab'));
  return !hasTable && !units.names.has(name) && !name.includes('%');
}

function checkWishes({ name, text, units, place }: UnitOf, report: Report): void {
  for (const { key, unit: other, line } of installationOf(name, text).wishes) {
    if (key !== 'Alias' && lacksUnit(other, units)) reportUnknown({ name, key, other }, line, { units, place }, report);
  }
}

/** If one of these is missing, the unit does not start. A misspelt name in the other keys only has no effect. */
const NEEDED = ['Requires', 'Requisite', 'BindsTo'];
const WEAK = ['Wants', 'Upholds', 'After', 'Before', 'PartOf', 'OnFailure', 'OnSuccess', 'Conflicts'];

function checkDependencies({ name, unit, units, place }: UnitOf, report: Report): void {
  for (const key of [...NEEDED, ...WEAK]) {
    for (const { value, line } of valuesOf(unit, 'Unit', key)) {
      for (const other of value.split(/\s+/)) {
        if (readUnitName(other) === undefined) continue; // systemd ignores it; another check reports it
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

function checkAccounts({ name, node, unit, place }: UnitOf, facts: Facts, report: Report): void {
  if (/^(1|y|yes|t|true|on)$/i.test(lastValue(unit, 'Service', 'DynamicUser') ?? '')) return;
  const user = valuesOf(unit, 'Service', 'User').at(-1);
  if (user !== undefined && !BASE_ACCOUNTS.has(user.value) && !mayHave(node, user.value, facts)) {
    report.add('unit/unknown-user', { name, user: user.value }, place(user.line));
  }
  const groups = [
    ...valuesOf(unit, 'Service', 'Group').slice(-1),
    ...valuesOf(unit, 'Service', 'SupplementaryGroups').flatMap(({ value, line }) =>
      value.split(/\s+/).map((group) => ({ value: group, line })),
    ),
  ];
  for (const { value: group, line } of groups) {
    if (BASE_GROUPS.has(group) || mayHave(node, group, facts)) continue;
    const meant = group === 'nobody' ? 'nogroup' : suggest(group, [...BASE_GROUPS]);
    const hint = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
    report.add('unit/unknown-group', { name, group }, { ...place(line), hint });
  }
}

/** Whether an account or a group outside of the base layer may exist because of the user's additions. */
function mayHave(node: Node, name: string, { overlays }: Facts): boolean {
  if (/\s/.test(name)) return false; // useradd and systemd-sysusers refuse such names
  if (name === '' || /[%\d]/.test(name) || node.packages.length > 0 || isCephNode(node)) return true;
  const isMade = node.users.some((one) => one.name === name || one.groups.includes(name));
  if (isMade || overlays.some(({ path }) => path.includes('/sysusers.d/'))) return true;
  return [...node.files, ...node.hooks].some(({ content }) => content.includes(name));
}
