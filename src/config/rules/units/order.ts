/** Rule: the order of units has no cycle. systemd would break a cycle by not starting one of its units. */
import type { Node } from '../../cluster.ts';
import { quoted, type Rule } from '../rule.ts';
import { lastValue, valuesOf, type UnitFile } from '../../systemd/unit-file.ts';
import { readUnitName } from '../../systemd/unit-name.ts';
import { writtenUnits, type WrittenUnit } from './written-units.ts';

type Ordered = Pick<WrittenUnit, 'name' | 'unit'>;

/** A dependency: `unit` starts after `after`. */
interface Step<Unit extends Ordered = never> {
  readonly unit: string;
  readonly after: string;
  /** The unit file with the dependency; undefined for systemd's own. */
  readonly from: Unit | undefined;
  readonly line: number;
}

/** The part of the boot order that matters to units of users. @see bootup(7), `systemctl show -p After` on a node */
const BOOT: readonly (readonly [unit: string, after: string])[] = [
  ['local-fs.target', 'local-fs-pre.target'],
  [
    'sysinit.target',
    'local-fs.target swap.target systemd-udevd.service systemd-journald.service systemd-sysctl.service',
  ],
  ['sysinit.target', 'systemd-modules-load.service systemd-tmpfiles-setup.service systemd-sysusers.service'],
  ['basic.target', 'sysinit.target sockets.target timers.target paths.target slices.target'],
  ['NetworkManager.service', 'basic.target network-pre.target dbus.service'],
  ['network.target', 'NetworkManager.service'],
  ['network-online.target', 'network.target NetworkManager-wait-online.service'],
  ['multi-user.target', 'basic.target'],
  ['graphical.target', 'multi-user.target'],
];

const BOOT_STEPS = BOOT.flatMap(([unit, after]) =>
  after.split(' ').map((other): Step => ({ unit, after: other, from: undefined, line: 0 })),
);

const unitOrder: Rule = {
  name: 'the order of units is no circle',
  check: (cluster, facts, report) => {
    const units = new Map<Node, WrittenUnit[]>();
    for (const one of writtenUnits(cluster, facts)) units.set(one.node, [...(units.get(one.node) ?? []), one]);
    for (const node of cluster.nodes) {
      for (const circle of circlesOf(units.get(node) ?? [])) {
        const said = circle.find(({ from }) => from !== undefined);
        if (said?.from === undefined) continue;
        const names = [...circle.map(({ unit }) => unit), circle[0]?.unit ?? ''];
        const values = { name: said.from.name, circle: quoted(names).replaceAll(', ', ' after ') };
        report.add('unit/circular-order', values, { ...said.from.place(said.line), hint: hintFor(said.from.name) });
      }
    }
  },
};

const hintFor = (name: string): string | undefined =>
  name.endsWith('.mount') ? 'a mount that waits for the network needs `_netdev` or `nofail` in `Options=`' : undefined;

const isNo = (value: string | undefined): boolean => /^(0|no|n|false|f|off)$/i.test(value ?? '');

function stepsOf<Unit extends Ordered>(from: Unit): readonly Step<Unit>[] {
  const { name, unit } = from;
  const named = (key: string): readonly { readonly other: string; readonly line: number }[] =>
    valuesOf(unit, 'Unit', key).flatMap(({ value, line }) => value.split(/\s+/).map((other) => ({ other, line })));
  return [
    ...named('After').map(({ other, line }) => ({ unit: name, after: other, from, line })),
    ...named('Before').map(({ other, line }) => ({ unit: other, after: name, from, line })),
    ...(isNo(lastValue(unit, 'Unit', 'DefaultDependencies')) ? [] : impliedSteps(name, unit)),
  ].filter(({ unit: one, after }) => one !== after); // systemd ignores a unit that is after itself
}

/** "Default Dependencies" of systemd.service(5), systemd.socket(5), systemd.mount(5) and so on. */
function impliedSteps(name: string, unit: UnitFile): readonly Step[] {
  const suffix = readUnitName(name)?.suffix ?? '';
  const step = (one: string, after: string): Step => ({ unit: one, after, from: undefined, line: 0 });
  if (suffix === 'service') return [step(name, 'basic.target'), step(name, 'sysinit.target')];
  if (suffix === 'mount') return isLocal(unit) ? [step('local-fs.target', name)] : [];
  return /^(socket|timer|path)$/.test(suffix) ? [step(name, 'sysinit.target'), step(`${suffix}s.target`, name)] : [];
}

/** fstype_is_network() in systemd's source. */
const NETWORK =
  /^(fuse\.)?(afs|ceph|cifs|smb3|smbfs|sshfs|ncpfs|ncp|nfs|nfs4|gfs|gfs2|glusterfs|pvfs2|ocfs2|lustre|davfs)$/;

function isLocal(unit: UnitFile): boolean {
  const options = (lastValue(unit, 'Mount', 'Options') ?? '').split(',');
  return (
    !NETWORK.test(lastValue(unit, 'Mount', 'Type') ?? '') && !options.includes('_netdev') && !options.includes('nofail')
  );
}

/** The cycles in the order of one node's units, each once, as the steps from one unit to the next. */
export function circlesOf<Unit extends Ordered>(units: readonly Unit[]): readonly (readonly Step<Unit>[])[] {
  const steps: readonly Step<Unit>[] = [...units.flatMap(stepsOf), ...BOOT_STEPS];
  const found = new Map<string, readonly Step<Unit>[]>();
  for (const first of steps.filter(({ from }) => from !== undefined)) {
    const circle = wayBack(first, steps);
    const names = circle
      ?.map(({ unit }) => unit)
      .toSorted()
      .join(' ');
    if (circle !== undefined && names !== undefined && !found.has(names)) found.set(names, circle);
  }
  return [...found.values()];
}

/** The shortest cycle that begins with a step; undefined if there is none. */
function wayBack<Unit extends Ordered>(
  first: Step<Unit>,
  steps: readonly Step<Unit>[],
): readonly Step<Unit>[] | undefined {
  const ways: (readonly Step<Unit>[])[] = [[first]];
  const seen = new Set([first.after]);
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const end = way.at(-1)?.after;
    if (end === first.unit) return way;
    for (const next of steps.filter(({ unit, after }) => unit === end && !seen.has(after))) {
      seen.add(next.after);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

export const unitOrderRules: readonly Rule[] = [unitOrder];
