/** The setting that an unknown key probably means: one with the same or a similar name, in this or another group. */
import type * as z from 'zod';
import type { Path } from '../../diagnostics/path.ts';
import { plainKey, suggest } from '../../diagnostics/suggest.ts';
import { groupsOf, keysOf, kindsWith, listsOf, schemaAt, type Schema } from '../schema/inspect.ts';
import { valueAt } from './checked.ts';

/** The path of the setting that the user probably meant; undefined if none is similar. @param path of the group that contains `key` */
export function guessKey(schema: z.ZodType, data: unknown, path: Path, key: string): Path | undefined {
  const group = schemaAt(schema, path, data);
  const siblings = (group && keysOf(group, valueAt(data, path))) ?? [];
  const same = siblings.find((sibling) => plainKey(sibling) === plainKey(key));
  if (same !== undefined) return [...path, same];
  const kinds = group && kindsWith(group, valueAt(data, path), key);
  if (kinds) return [...path, kinds.by];
  const other = siblings.find((sibling) => OTHER_NAMES[sibling]?.includes(plainKey(key)));
  if (other !== undefined) return [...path, other];
  const elsewhere = settingsAround(schema, data, path);
  const isMeant = (setting: Path): boolean => plainKey(String(setting.at(-1))) === plainKey(key);
  const home = elsewhere.find(isMeant) ?? only(group ? settingsInLists(group, path, valueAt(data, path)) : [], isMeant);
  if (home) return home;
  const near = suggest(key, siblings);
  if (near !== undefined) return [...path, near];
  const far = suggest(
    key,
    elsewhere.map((setting) => String(setting.at(-1))),
  );
  if (far !== undefined) return elsewhere.find((setting) => setting.at(-1) === far);
  const outside = only([...settingsIn(schema, [], data), ...settingsInLists(schema, [], data)], isMeant);
  return outside?.some((step) => typeof step === 'number') === true ? undefined : outside;
}

/** Names that other programs have for a setting. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  via: ['gateway', 'gw', 'next_hop', 'nexthop'],
  to: ['dst', 'destination'],
};

/** The one setting that fits; undefined if there are others. */
function only(settings: readonly Path[], fits: (setting: Path) => boolean): Path | undefined {
  const found = settings.filter(fits);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The settings of the groups around and in a group, the nearest first. For a group in an entry of a list, only those of the
 * entry: a setting outside of it would be for other entries as well.
 */
function settingsAround(schema: z.ZodType, data: unknown, path: Path): Path[] {
  const entry = path.findLastIndex((step) => typeof step === 'number') + 1;
  const ancestors = [...path.slice(entry), undefined].map((_, index) => path.slice(0, path.length - index));
  return ancestors.flatMap((ancestor) => {
    const group = schemaAt(schema, ancestor, data);
    return group ? settingsIn(group, ancestor, valueAt(data, ancestor)) : [];
  });
}

/** The settings of the group, then those of its groups. Settings in lists are left out, because the entry is unknown. */
function settingsIn(group: Schema, path: Path, data: unknown): Path[] {
  const own = (keysOf(group, data) ?? []).map((key) => [...path, key]);
  const inner = groupsOf(group, data).flatMap(({ key, schema }) =>
    settingsIn(schema, [...path, key], valueAt(data, [key])),
  );
  return [...own, ...inner];
}

/** The settings of the entries of all lists in a group, as settings of the first entry. */
function settingsInLists(group: Schema, path: Path, data: unknown): Path[] {
  const lists = listsOf(group, data).flatMap(({ key, schema }) => {
    const entry = [...path, key, 0];
    return [...settingsIn(schema, entry, undefined), ...settingsInLists(schema, entry, undefined)];
  });
  const inner = groupsOf(group, data).flatMap(({ key, schema }) =>
    settingsInLists(schema, [...path, key], valueAt(data, [key])),
  );
  return [...lists, ...inner];
}
