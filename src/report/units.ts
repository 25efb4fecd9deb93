/** The order in which the units of a kind of nodes start, from the unit files of the nodes. Pure. */
import type { Kind, KindEntry } from './kinds.ts';

interface Unit {
  readonly name: string;
  readonly description: string | null;
  readonly origin: 'coldstart' | 'yours' | 'debian' | 'target';
  /** Whether the machine starts it at boot; otherwise another unit or a script does. */
  readonly startsAtBoot: boolean;
}

export interface UnitOrder {
  /** Each unit after those that it waits for. */
  readonly units: readonly Unit[];
  /** From the earlier to the later; without those that follow from others. */
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** Units of Debian that say something about a first boot. */
const DEBIAN = ['NetworkManager.service', 'containerd.service', 'haproxy.service', 'keepalived.service', 'ssh.service'];
const TARGETS = ['sysinit.target', 'local-fs.target', 'network-online.target', 'multi-user.target'];

interface Parsed {
  description: string | null;
  readonly after: Set<string>;
  readonly before: Set<string>;
  hasDefaults: boolean;
  isYours: boolean;
  hasFile: boolean;
}

export function unitOrder({ entries }: Kind): UnitOrder {
  const units = parsedUnits(entries);
  const started = enabledBy(entries);
  const known = (name: string): boolean =>
    TARGETS.includes(name) || DEBIAN.includes(name) || units.get(name)?.hasFile === true;
  const edges = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => {
    if (from !== to && known(from) && known(to)) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  };
  for (const [name, { after, before }] of units) {
    after.forEach((one) => {
      add(one, name);
    });
    before.forEach((one) => {
      add(name, one);
    });
  }
  // systemd.target(5): a target comes after what it wants, unless that has no default dependencies or comes after the target.
  for (const [name, target] of started) {
    if (target.endsWith('.target') && units.get(name)?.hasDefaults !== false && !reaches(edges, target, name))
      add(name, target);
  }
  const order = sorted(edges);
  return {
    units: order.map((name) => unitOf(name, units.get(name), started.has(name))),
    edges: reduced(edges),
  };
}

function unitOf(name: string, parsed: Parsed | undefined, startsAtBoot: boolean): Unit {
  const isTarget = name.endsWith('.target');
  const origin = isTarget ? 'target' : parsed?.hasFile !== true ? 'debian' : parsed.isYours ? 'yours' : 'coldstart';
  return {
    name,
    description: parsed?.description ?? null,
    origin,
    startsAtBoot: startsAtBoot || origin === 'target' || origin === 'debian',
  };
}

/** Unit files and their drop-ins. An instance of `cluster-hooks@.service` is a unit where another one waits for it. */
function parsedUnits(entries: readonly KindEntry[]): ReadonlyMap<string, Parsed> {
  const units = new Map<string, Parsed>();
  for (const { path, entry } of entries) {
    const [, name, dropIn] = /^etc\/systemd\/system\/([^/]+?)(?:\.d\/([^/]+\.conf))?$/.exec(path) ?? [];
    const text = textOf(entry);
    if (name === undefined || text === null) continue;
    if (name === HOOKS && dropIn === undefined) addHooks(units, text, entries);
    if (name.includes('@.')) continue;
    const unit = units.get(name) ?? unread();
    if (dropIn === undefined) unit.hasFile = true;
    if (dropIn === undefined) unit.isYours = entry.origin.kind === 'setting' || entry.origin.kind === 'user-overlay';
    readInto(unit, text);
    units.set(name, unit);
  }
  return units;
}

const unread = (): Parsed => ({
  ...{ description: null, after: new Set(), before: new Set() },
  ...{ hasDefaults: true, isYours: false, hasFile: false },
});

const HOOKS = 'cluster-hooks@.service';

/** A unit for each stage of the start for which the user has scripts. */
function addHooks(units: Map<string, Parsed>, text: string, entries: readonly KindEntry[]): void {
  const stages = entries.flatMap(({ path }) => /^etc\/coldstart\/hooks\/([^/]+)\//.exec(path)?.[1] ?? []);
  for (const stage of new Set(stages)) {
    const unit = { ...unread(), isYours: true, hasFile: true };
    readInto(unit, text.replaceAll('%i', stage));
    units.set(HOOKS.replace('@.', `@${stage}.`), unit);
  }
}

function readInto(unit: Parsed, text: string): void {
  for (const [, key = '', value = ''] of text.replaceAll('\\\n', ' ').matchAll(/^(\w+)=(.*)$/gm)) {
    const names = value.split(/\s+/).filter((name) => name !== '');
    if (key === 'Description') unit.description = value;
    if (key === 'DefaultDependencies') unit.hasDefaults = value !== 'no';
    if (key === 'After') names.forEach((name) => unit.after.add(name));
    if (key === 'Before') names.forEach((name) => unit.before.add(name));
  }
}

function textOf(entry: KindEntry['entry']): string | null {
  const content = entry.type === 'file' ? entry.content : entry.type === 'pending' ? entry.draft : null;
  return content === null ? null : new TextDecoder().decode(content);
}

/** The unit that wants each enabled one, by the links in `.wants` and `.requires`; a link to /dev/null takes the unit away. */
function enabledBy(entries: readonly KindEntry[]): ReadonlyMap<string, string> {
  const found = entries.flatMap(({ path, entry }): [string, string][] => {
    const [, by, name] = /^etc\/systemd\/system\/([^/]+)\.(?:wants|requires)\/([^/]+)$/.exec(path) ?? [];
    const isLink = entry.type === 'symlink' && entry.target !== '/dev/null';
    return by === undefined || name === undefined || !isLink ? [] : [[name, by]];
  });
  return new Map(found);
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

function reaches(edges: Edges, from: string, to: string, seen = new Set<string>()): boolean {
  for (const next of edges.get(from) ?? []) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    if (reaches(edges, next, to, seen)) return true;
  }
  return false;
}

/** Without the edges that a longer way implies. */
function reduced(edges: Edges): readonly (readonly [string, string])[] {
  return [...edges].flatMap(([from, tos]) =>
    [...tos]
      .filter((to) => ![...tos].some((other) => other !== to && reaches(edges, other, to)))
      .map((to) => [from, to] as const),
  );
}

/** Each after those that it waits for, otherwise by name. */
function sorted(edges: Edges): readonly string[] {
  const names = [...new Set([...edges].flatMap(([from, tos]) => [from, ...tos]))].sort();
  const done: string[] = [];
  const visit = (name: string, above: readonly string[]): void => {
    if (done.includes(name) || above.includes(name)) return;
    names.filter((one) => edges.get(one)?.has(name)).forEach((one) => void visit(one, [...above, name]));
    done.push(name);
  };
  names.forEach((name) => void visit(name, []));
  return done;
}
