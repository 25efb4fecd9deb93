/** A changed setting as a sentence of people. Pure. */
import { joined, say, type Sentence } from './sentence.ts';
import { NAMES, type SettingChange } from './setting-changes.ts';

/** Nouns for the items of lists and maps, by the path of the list; `*` stands for a name. Other settings are named by their path. */
const NOUNS: Readonly<Record<string, string>> = {
  roles: 'role',
  labels: 'label',
  annotations: 'annotation',
  taints: 'taint',
  'hardware.mac_addresses': 'MAC address',
  'hardware.osd_disks': 'OSD disk',
  'network.interfaces.*.addresses': 'address',
  'network.interfaces.*.routes': 'route',
  'network.interfaces.*.ports': 'port',
  'networking.dns': 'name server',
  'networking.ntp': 'time server',
  'ceph.pools': 'pool',
  'ceph.admin_nodes': 'admin node',
};

/** Where an interface is a list's item, its type says more than a noun. */
const INTERFACES = 'network.interfaces';
const TYPES: Readonly<Record<string, string>> = {
  vlan: 'VLAN',
  bond: 'bond',
  bridge: 'bridge',
  ethernet: 'network card',
};

/** E.g. "VLAN `storage` (id `8`) added", "`kubernetes.version` from `1.35.4` to `1.36.1`". */
export function settingSentence(change: SettingChange): Sentence {
  const { path, before, after } = change;
  if (path.join('.') === 'first_master')
    return [after === true ? 'becomes the first master' : 'is the first master no more'];
  const item = itemOf(change);
  if (before === undefined) return say`${item}${factsOf(change, after)} added`;
  if (after === undefined) return say`${item}${factsOf(change, before)} removed`;
  return say`${item} from ${text(before)} to ${text(after)}`;
}

function itemOf({ path, before, after }: SettingChange): Sentence {
  const list = path.slice(0, -1);
  const name = path.at(-1) ?? '';
  // Of a list with one item that was exchanged, the change is that of the list.
  const exchanged = nounOf(path);
  if (exchanged !== undefined) return within(path, [exchanged]);
  const noun = list.join('.') === INTERFACES ? typeOf(before ?? after) : nounOf(list);
  return noun === undefined ? within(path, undefined) : within(list, say`${[noun]} ${name}`);
}

/** Names the interface that a setting belongs to. */
function within(path: readonly string[], item: Sentence | undefined): Sentence {
  const isOfInterface = path.length > 2 && path.slice(0, 2).join('.') === INTERFACES;
  if (!isOfInterface) return item ?? say`${path.join('.')}`;
  return say`interface ${path[2] ?? ''}: ${item ?? say`${path.slice(3).join('.')}`}`;
}

function nounOf(path: readonly string[]): string | undefined {
  const isInterface = path.slice(0, 2).join('.') === INTERFACES;
  return NOUNS[path.map((key, index) => (isInterface && index === 2 ? '*' : key)).join('.')];
}

const typeOf = (value: unknown): string => TYPES[text(fieldsOf(value)['type'])] ?? 'interface';

/** What tells most of an item that comes or goes. */
function factsOf({ path }: SettingChange, value: unknown): Sentence {
  const facts =
    typeof value === 'object' ? fieldFacts(value) : text(value) === path.at(-1) ? [] : [say`${text(value)}`];
  return facts.length === 0 ? [] : say` (${joined(facts, ', ')})`;
}

function fieldFacts(of: unknown): readonly Sentence[] {
  const { type, id, addresses, value, effect, ...others } = fieldsOf(of);
  if (type !== undefined) {
    const all: readonly unknown[] = Array.isArray(addresses) ? addresses : [];
    return [...(id === undefined ? [] : [say`id ${text(id)}`]), ...all.map((one) => say`${text(one)}`)];
  }
  if (effect !== undefined) return [value, effect].filter((one) => one !== undefined).map((one) => say`${text(one)}`);
  const plain = Object.entries(others).filter(([key, one]) => typeof one !== 'object' && !NAMES.includes(key));
  return plain.map(([key, one]) => say`${[key]} ${text(one)}`);
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  value === null || typeof value !== 'object' ? {} : (value as Record<string, unknown>);

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
