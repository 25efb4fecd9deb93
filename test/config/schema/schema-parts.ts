/** Walks over a schema. */
import type * as z from 'zod';
import { unwrap, type Schema } from '../../../src/config/schema/inspect.ts';

/** Every part of a schema with its path, e.g. `.nodes[].ip|0` for the first way to write an address. */
export function* parts(schema: Schema, path: string): Generator<readonly [string, Schema]> {
  yield [path, schema];
  const def = (unwrap(schema) as z.core.$ZodTypes)._zod.def;
  if (def.type === 'object')
    for (const [key, value] of Object.entries(def.shape)) yield* parts(value, `${path}.${key}`);
  if (def.type === 'array') yield* parts(def.element, `${path}[]`);
  if (def.type === 'record') yield* parts(def.valueType, `${path}{}`);
  if (def.type === 'union')
    for (const [i, option] of def.options.entries()) yield* parts(option, `${path}|${String(i)}`);
}
