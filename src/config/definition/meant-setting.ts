/** The setting that an unknown key probably means: one with the same or a similar name, in this or another group. */
import type * as z from 'zod';
import type { Path } from '../../diagnostics/path.ts';
import { plainKey, suggest } from '../../diagnostics/suggest.ts';
import { groupsOf, keysOf, kindsWith, schemaAt, type Schema } from '../schema/inspect.ts';
import { valueAt } from './checked.ts';

/** The path of the setting that the user probably meant; undefined if none is similar. @param path of the group that contains `key` */
export function guessKey(schema: z.ZodType, data: unknown, path: Path, key: string): Path | undefined {
  const group = schemaAt(schema, path, data);
  const siblings = (group && keysOf(group, valueAt(data, path))) ?? [];
  const same = siblings.find((sibling) => plainKey(sibling) === plainKey(key));
  if (same !== undefined) return [...path, same];
  const kinds = group && kindsWith(group, valueAt(data, path), key);
  if (kinds) return [...path, kinds.by];
  const elsewhere = settingsAround(schema, data, path);
  const home = elsewhere.find((setting) => plainKey(String(setting.at(-1))) === plainKey(key));
  if (home) return home;
  const near = suggest(key, siblings);
  if (near !== undefined) return [...path, near];
  const far = suggest(
    key,
    elsewhere.map((setting) => String(setting.at(-1))),
  );
  return far === undefined ? undefined : elsewhere.find((setting) => setting.at(-1) === far);
}

/** The settings of the groups around and in a group, the nearest first. */
function settingsAround(schema: z.ZodType, data: unknown, path: Path): Path[] {
  const ancestors = [...path, undefined].map((_, index) => path.slice(0, path.length - index));
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
