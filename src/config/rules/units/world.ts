/** The units that a node has, and which of them start others. */
import { suggest } from '../../../diagnostics/suggest.ts';
import { BASE_UNITS, OWN_UNITS } from '../../base-system/units.ts';
import type { Node } from '../../cluster.ts';
import { installationOf } from '../../systemd/install.ts';
import { lastValue, readUnitFile, valuesOf, type UnitFile } from '../../systemd/unit-file.ts';
import { readUnitName, templateOf } from '../../systemd/unit-name.ts';
import type { Entry } from '../entries.ts';
import { memo } from '../../memo.ts';
import type { Facts } from '../rule.ts';
import type { Placement } from '../../../diagnostics/codes.ts';
import { isCephNode } from '../../roles.ts';

interface Units {
  /** The user's unit files, by name. */
  readonly written: ReadonlyMap<string, UnitFile>;
  /** All known names of units, including those from files and overlays. */
  readonly names: ReadonlySet<string>;
  /** False if packages may add more units. */
  readonly isComplete: boolean;
}

/** One unit of one node, as input of the checks. */
export interface UnitOf {
  readonly node: Node;
  readonly entry: Entry;
  readonly name: string;
  readonly text: string;
  readonly unit: UnitFile;
  readonly units: Units;
  /** The place of a line, counted from 1; line 0 is the name. */
  readonly place: (line: number) => Placement;
}

const FOLDER = /(?:^|\/)(?:etc|usr\/lib|usr\/local\/lib)\/systemd\/system\/([^/]+)$/;

const unitsAt = (files: readonly { readonly path: string }[]): string[] =>
  files.flatMap(({ path }) => FOLDER.exec(path)?.[1] ?? []);
const unitsIn = memo((overlays: Facts['overlays']) => new Set(unitsAt(overlays)));

export function unitsOf(node: Node, { overlays }: Facts): Units {
  const written = new Map(node.units.map(({ name, content }) => [name, readUnitFile(content)]));
  const aliases = node.units.flatMap(({ name, content }) =>
    installationOf(name, content).wishes.flatMap(({ key, unit }) => (key === 'Alias' ? [unit] : [])),
  );
  const placed = [...unitsAt(node.files), ...unitsIn(overlays)];
  return {
    written,
    names: new Set([...BASE_UNITS, ...OWN_UNITS, ...written.keys(), ...aliases, ...placed]),
    isComplete: node.packages.length === 0 && !isCephNode(node),
  };
}

/** Kinds of units that generators, udev or systemd create, some from a path. */
const MADE_AT_BOOT = /\.(device|mount|automount|swap|slice|scope)$/;

/** Whether a node certainly lacks a unit. If packages may add units, only a name that looks misspelt counts. */
export function lacksUnit(name: string, { names, isComplete }: Units): boolean {
  if (name.includes('%') || MADE_AT_BOOT.test(name) || name.startsWith('/')) return false;
  if (names.has(name) || names.has(templateOf(name))) return false;
  return isComplete || nearestUnit(name, names) !== undefined;
}

/** The most similar name among the known units; undefined if none is similar. */
export function nearestUnit(name: string, names: ReadonlySet<string>): string | undefined {
  const suffix = readUnitName(name)?.suffix;
  if (suffix === undefined) return [...names].find((one) => one.replace(/\.[a-z]+$/, '') === name && one !== name);
  const bare = (one: string): string => one.slice(0, -suffix.length - 1);
  const others = [...names].filter((one) => one.endsWith(`.${suffix}`)).map(bare);
  const meant = suggest(bare(name), others);
  return meant && `${meant}.${suffix}`;
}

const TRIGGERS: Readonly<Record<string, readonly [section: string, key: string, suffix: string]>> = {
  timer: ['Timer', 'Unit', 'service'],
  path: ['Path', 'Unit', 'service'],
  socket: ['Socket', 'Service', 'service'],
  // No setting names the mount (systemd.automount(5)).
  automount: ['Automount', '', 'mount'],
};

/** The unit that a timer, path, socket or automount starts; undefined for units of other kinds. */
export function triggered(name: string, unit: UnitFile): string | undefined {
  const parts = readUnitName(name);
  const trigger = TRIGGERS[parts?.suffix ?? ''];
  if (parts === undefined || trigger === undefined) return undefined;
  const [section, key, suffix] = trigger;
  const accepts = /^(1|y|yes|t|true|on)$/i.test(lastValue(unit, 'Socket', 'Accept') ?? '');
  if (accepts && parts.suffix === 'socket') return `${parts.prefix}@.service`;
  return lastValue(unit, section, key) ?? name.replace(/\.[a-z]+$/, `.${suffix}`);
}

const STARTING = ['Wants', 'Requires', 'BindsTo', 'Upholds', 'Requisite', 'OnFailure', 'OnSuccess'];

/** Whether another unit of the user starts this unit. */
export function activatedBy(name: string, { written }: Units): boolean {
  return [...written].some(
    ([other, unit]) =>
      other !== name &&
      [triggered(other, unit), ...alsoOf(unit), ...STARTING.flatMap((key) => wordsOf(unit, 'Unit', key))].some(
        (one) => one === name || (one !== undefined && templateOf(one) === name),
      ),
  );
}

const alsoOf = (unit: UnitFile): readonly string[] => wordsOf(unit, 'Install', 'Also');

const wordsOf = (unit: UnitFile, section: string, key: string): readonly string[] =>
  valuesOf(unit, section, key).flatMap(({ value }) => value.split(/\s+/));
