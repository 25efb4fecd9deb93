/** Which settings differ between two states of a node, from the documents with its settings that its image holds. Pure. */
import { parse } from 'yaml';
import type { SnapshotEntry } from '../../render/tree/diff.ts';
import type { NodeChange } from './comparison.ts';

/** A setting, or an item of a list of settings. */
export interface SettingChange {
  /** Keys, and names of items of lists, e.g. `['network', 'interfaces', 'storage']`. */
  readonly path: readonly string[];
  /** Undefined where it is not set. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface SettingChanges {
  /** Of the node alone. */
  readonly node: readonly SettingChange[];
  /** Of the whole cluster, as far as this node acts on them. */
  readonly cluster: readonly SettingChange[];
  /** Of the nodes by which this node finds the cluster; the path begins with the name. */
  readonly peers: readonly SettingChange[];
}

const FOLDER = 'etc/cluster-config';

/** Null if a document is not known on both sides, e.g. because only the inventory of an older build is there. */
export function settingChanges({ node, files }: NodeChange): SettingChanges | null {
  const compared = (path: string, key: string): readonly SettingChange[] | null => {
    const file = files.find((one) => one.path === path);
    if (file === undefined) return [];
    const [before, after] = [settingsIn(file.before, key), settingsIn(file.after, key)];
    return before === undefined || after === undefined ? null : differences([], before, after);
  };
  const own = compared(`${FOLDER}/nodes/${node}.yaml`, 'node');
  const cluster = compared(`${FOLDER}/cluster.yaml`, 'cluster');
  const known = compared(`${FOLDER}/cluster.yaml`, 'nodes');
  if (own === null || cluster === null) return null;
  const peers = (known ?? []).filter(({ path }) => path[0] !== node && path[1] !== 'first_master');
  return { node: withoutImplied(own, cluster), cluster, peers };
}

/** Without changes of interfaces that follow from the change of another setting, e.g. of `ip` or of the cluster's name servers. */
function withoutImplied(own: readonly SettingChange[], cluster: readonly SettingChange[]): readonly SettingChange[] {
  const isOfInterface = ({ path }: SettingChange): boolean => path[0] === 'network' && path[1] === 'interfaces';
  const values = ({ before, after }: SettingChange): string =>
    JSON.stringify([before, after].map((value) => (typeof value === 'string' ? value.replace(/\/\d+$/, '') : value)));
  const causes = new Set([...own.filter((change) => !isOfInterface(change)), ...cluster].map(values));
  return own.filter((change) => !isOfInterface(change) || !causes.has(values(change)));
}

function settingsIn(entry: SnapshotEntry | null, key: string): unknown {
  if (entry === null || entry.content === null) return undefined;
  return (parse(new TextDecoder().decode(entry.content)) as Settings | null)?.[key];
}

type Settings = Readonly<Record<string, unknown>>;

function differences(path: readonly string[], before: unknown, after: unknown): readonly SettingChange[] {
  const [old, now] = [partsOf(path, before), partsOf(path, after)];
  if (old === null || now === null) return isSame(before, after) ? [] : [{ path, before, after }];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changes = keys.flatMap((key) => {
    const at = [...path, key];
    if (key in old && key in now) return differences(at, old[key], now[key]);
    return isCollection(at) ? differences(at, old[key], now[key]) : [{ path: at, before: old[key], after: now[key] }];
  });
  return isPlainList(before) && isPlainList(after) ? exchanged(path, changes) : changes;
}

/** Lists and maps of which each item is a change of its own, also where there was none before. */
const COLLECTIONS =
  /^(roles|labels|annotations|taints|hardware\.(mac_addresses|osd_disks)|network\.interfaces\.[^.]+\.(addresses|routes))$/;
const isCollection = (path: readonly string[]): boolean => COLLECTIONS.test(path.join('.'));

const isPlainList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object');

/** One value in place of another one is one change. */
function exchanged(path: readonly string[], changes: readonly SettingChange[]): readonly SettingChange[] {
  const [one, other, ...others] = changes;
  if (one === undefined || other === undefined || others.length > 0) return changes;
  const [before, after] = [one.before ?? other.before, one.after ?? other.after];
  const isExchange = (one.before === undefined) !== (other.before === undefined);
  return isExchange ? [{ path, before, after }] : changes;
}

/** Items of a list by what names them; null for a value without parts. */
function partsOf(path: readonly string[], value: unknown): Settings | null {
  if (value === undefined && isCollection(path)) return {};
  if (value === null || typeof value !== 'object') return null;
  if (!Array.isArray(value)) return value as Settings;
  return Object.fromEntries(value.map((item: unknown) => [nameOf(item), item]));
}

/** What tells an item of a list from the others, in this order. */
export const NAMES: readonly string[] = ['name', 'path', 'key', 'serial', 'by_id', 'wwn', 'mac', 'to'];

function nameOf(item: unknown): string {
  if (item === null || typeof item !== 'object') return String(item);
  const key = NAMES.find((one) => typeof (item as Settings)[one] === 'string');
  return key === undefined ? JSON.stringify(item) : String((item as Settings)[key]);
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
