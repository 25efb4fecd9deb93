/** What a key without a meaning was probably to be: a setting with nearly its name, or one of its name that belongs elsewhere. */
import type * as z from 'zod';
import type { Path } from '../../diagnostics/path.ts';
import { plainKey, suggest } from '../../diagnostics/suggest.ts';
import { groupsOf, keysOf, kindsWith, schemaAt, type Schema } from '../schema/inspect.ts';
import { valueAt } from './checked.ts';

/** The path of the setting that was probably meant; undefined when nothing comes near. @param path of the group that holds `key` */
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

/** Those of the group itself, then those of its groups; not those of lists, of which nobody knows the entry. */
function settingsIn(group: Schema, path: Path, data: unknown): Path[] {
  const own = (keysOf(group, data) ?? []).map((key) => [...path, key]);
  const inner = groupsOf(group, data).flatMap(({ key, schema }) =>
    settingsIn(schema, [...path, key], valueAt(data, [key])),
  );
  return [...own, ...inner];
}
