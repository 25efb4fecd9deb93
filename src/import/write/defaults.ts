/** Puts settings into the order of the schema, and leaves out what it says by itself. */
import { type Schema, keysOf, schemaAt } from '../../config/schema/inspect.ts';
import { type Out, OutList, OutMap, plainOut } from './out.ts';

/** The settings without those that have their default, and without empty groups. */
export function withoutDefaults(map: OutMap, schema: Schema): OutMap {
  const kept = new OutMap({}, map.from, map.note);
  const order = keysOf(schema, plainOut(map)) ?? [];
  const rank = (key: string): number => (key === 'name' ? -1 : order.includes(key) ? order.indexOf(key) : order.length);
  for (const [key, value] of [...map.entries].sort(([a], [b]) => rank(a) - rank(b))) {
    const own = schemaAt(schema, [key], plainOut(map));
    const inner = own ? within(value, own) : value;
    const isEmpty = inner instanceof OutMap && inner.entries.size === 0;
    const isDefault = own !== undefined && JSON.stringify(plainOut(inner)) === JSON.stringify(defaultOf(own));
    if (!isEmpty && !isDefault) kept.put([key], inner);
  }
  return kept;
}

function within(value: Out, schema: Schema): Out {
  if (value instanceof OutMap) return withoutDefaults(value, schema);
  if (!(value instanceof OutList)) return value;
  const items = value.items.map((item, index) => {
    const own = schemaAt(schema, [index], plainOut(value));
    return own ? within(item, own) : item;
  });
  return new OutList(items, value.from, value.note);
}

/** The default of a setting in the notation of the file; undefined if it has none. */
function defaultOf(schema: Schema): unknown {
  const def = schema._zod.def as { type: string; defaultValue?: unknown; innerType?: Schema };
  if (def.type === 'prefault' || def.type === 'default') return def.defaultValue;
  return def.innerType && defaultOf(def.innerType);
}
