/**
 * The two notations of settings. Users and documents write `snake_case` and leave out unset settings; the program uses camelCase
 * and null. For a setting that has no other difference, the schema is the only definition: its normalised type, its value and
 * its line in a node's document are derived from it.
 */
import type * as z from 'zod';
import { unwrap, type Schema } from './schema/inspect.ts';

type Camel<Key extends string> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Key;

/** Settings in the program's notation: nothing is optional; null means not set. */
export type Normalised<T> = T extends readonly (infer Item)[]
  ? readonly Normalised<Item>[]
  : T extends object
    ? {
        readonly [Key in keyof T & string as Camel<Key>]-?:
          Normalised<Exclude<T[Key], undefined>> | (undefined extends T[Key] ? null : never);
      }
    : T;

/** Settings that the schema read, in the program's notation. */
export function normalised<S extends z.ZodType>(schema: S, written: z.output<S>): Normalised<z.output<S>> {
  return toProgram(schema, written) as Normalised<z.output<S>>;
}

function toProgram(schema: Schema, written: unknown): unknown {
  const { def } = (unwrap(schema) as z.core.$ZodTypes)._zod;
  if (written === undefined) return null;
  if (def.type === 'array') return (written as unknown[]).map((item) => toProgram(def.element, item));
  if (def.type !== 'object') return written;
  const values = written as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(def.shape).map(([key, inner]) => [camelCase(key), toProgram(inner, values[key])]),
  );
}

const camelCase = (key: string): string => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A group of settings as a document: values in the user's notation, by key. Null, an empty list or an empty group means not set. */
export type Document = Readonly<Record<string, unknown>>;

/** Removes unset values from a document. */
export function filled(values: Document): Document {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isSet(value)));
}

const isSet = (value: unknown): boolean =>
  value !== null && (typeof value !== 'object' || Object.keys(value).length > 0);

/**
 * A group of settings as a document that the schema accepts again.
 * @param hidden settings that the document does not show
 */
export function documentOf<S extends z.ZodObject, Hidden extends keyof z.output<S> & string = never>(
  schema: S,
  values: Omit<Normalised<z.output<S>>, Camel<Hidden>>,
  hidden: readonly Hidden[] = [],
): Document {
  const given = values as Readonly<Record<string, unknown>>;
  const shown = Object.entries(schema.shape).filter(([key]) => !hidden.includes(key as Hidden));
  return filled(Object.fromEntries(shown.map(([key, inner]) => [key, toUser(inner as Schema, given[camelCase(key)])])));
}

/** Texts that the schema reads as numbers, e.g. sizes, become texts again, without a suffix: bytes or seconds. */
function toUser(schema: Schema, value: unknown): unknown {
  const { def } = (unwrap(schema) as z.core.$ZodTypes)._zod;
  return def.type === 'string' && typeof value === 'number' ? String(value) : (value ?? null);
}
