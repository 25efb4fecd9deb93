/** Inspects the schema: the part at a path, and a description of its expected values. */
import type * as z from 'zod';
import type { Path } from '../../diagnostics/path.ts';
import { expectations } from './scalar.ts';

export type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypes['_zod']['def'];

const defOf = (schema: Schema): Def => schema._zod.def as Def;

/** The schema below wrappers that only add defaults, options or a transformation. */
export function unwrap(schema: Schema): Schema {
  const def = defOf(schema);
  if (def.type === 'optional' || def.type === 'default' || def.type === 'prefault' || def.type === 'nullable') {
    return unwrap(def.innerType);
  }
  return def.type === 'pipe' ? unwrap(def.in) : schema;
}

/** The schema at a path; undefined if there is none. In a union, the discriminator in `data` selects the branch. */
export function schemaAt(schema: Schema, path: Path, data: unknown): Schema | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const inner = branchFor(unwrap(schema), data);
  const def = defOf(inner);
  const value = isRecord(data) || Array.isArray(data) ? (data as Record<string | number, unknown>)[step] : undefined;
  if (def.type === 'object') {
    const next = Object.hasOwn(def.shape, step) ? def.shape[step as string] : undefined;
    return next && schemaAt(next, rest, value);
  }
  if (def.type === 'array') return schemaAt(def.element, rest, value);
  if (def.type === 'record') return schemaAt(def.valueType, rest, value);
  return undefined;
}

function branchFor(schema: Schema, data: unknown): Schema {
  const def = defOf(schema);
  if (def.type !== 'union') return schema;
  const wanted = Array.isArray(data) ? 'array' : 'object';
  const discriminator = 'discriminator' in def ? String(def.discriminator) : undefined;
  const fits = (option: Schema): boolean => {
    const inner = defOf(unwrap(option));
    if (inner.type !== wanted) return false;
    if (discriminator === undefined || inner.type !== 'object') return true;
    const literal = inner.shape[discriminator];
    return !!literal && acceptsValue(literal, isRecord(data) ? data[discriminator] : undefined);
  };
  return unwrap(def.options.find(fits) ?? def.options[0] ?? schema);
}

function acceptsValue(schema: Schema, value: unknown): boolean {
  return schema._zod.values?.has(value as never) ?? false;
}

/** The settings of a group; undefined if the schema is not a group. */
export function keysOf(schema: Schema, data: unknown): readonly string[] | undefined {
  const def = defOf(branchFor(unwrap(schema), data));
  return def.type === 'object' ? Object.keys(def.shape) : undefined;
}

export interface Kinds {
  /** The setting that selects the kind of the group, e.g. `type`. */
  readonly by: string;
  /** The kinds of the group that have the setting. */
  readonly kinds: readonly string[];
}

/** The kinds of a group that have a setting; undefined if the group has no kinds, or if this kind or no kind has the setting. */
export function kindsWith(schema: Schema, data: unknown, key: string): Kinds | undefined {
  const def = defOf(unwrap(schema));
  if (def.type !== 'union' || !('discriminator' in def)) return undefined;
  const by = String(def.discriminator);
  if (keysOf(schema, data)?.includes(key)) return undefined;
  const kinds = def.options.flatMap((option) => {
    const inner = defOf(unwrap(option));
    if (inner.type !== 'object' || !Object.hasOwn(inner.shape, key)) return [];
    return [...(inner.shape[by]?._zod.values ?? [])].filter((value) => typeof value === 'string');
  });
  return kinds.length === 0 ? undefined : { by, kinds };
}

/** The groups directly in a group. */
export function groupsOf(schema: Schema, data: unknown): readonly { readonly key: string; readonly schema: Schema }[] {
  const def = defOf(branchFor(unwrap(schema), data));
  if (def.type !== 'object') return [];
  const inner = Object.entries(def.shape).map(([key, value]) => ({ key, schema: value }));
  return inner.filter(({ schema: value }) => defOf(unwrap(value)).type === 'object');
}

/** The lists of groups that stand directly in a group, each with the schema of its entries. */
export function listsOf(schema: Schema, data: unknown): readonly { readonly key: string; readonly schema: Schema }[] {
  const def = defOf(branchFor(unwrap(schema), data));
  if (def.type !== 'object') return [];
  return Object.entries(def.shape).flatMap(([key, value]) => {
    const inner = defOf(unwrap(value));
    return inner.type === 'array' ? [{ key, schema: inner.element }] : [];
  });
}

/** The title of a group, as in "… is not a setting of <title>". */
export function titleOf(schema: Schema, data: unknown): string {
  const inner = branchFor(unwrap(schema), data) as z.ZodType;
  return inner.meta()?.title ?? 'this group';
}

/** What the schema expects, as the end of the sentence "must be …". */
export function expectation(schema: Schema): string {
  const registered = outermost(schema);
  if (registered !== undefined) return registered;
  const inner = unwrap(schema);
  const def = defOf(inner);
  switch (def.type) {
    case 'string':
      return 'text';
    case 'boolean':
      return '`true` or `false`';
    case 'number':
      return wholeNumber(inner);
    case 'enum':
      return `one of ${list(Object.values(def.entries))}`;
    case 'literal':
      return list(def.values.map(String));
    case 'array':
      return 'a list';
    case 'record':
    case 'object':
      return 'a group of settings';
    case 'union':
      return def.options[0] ? `${expectation(def.options[0])}${listsToo(def.options)}` : 'something else';
    default:
      return 'something else';
  }
}

const listsToo = (options: readonly Schema[]): string =>
  options.some((option) => defOf(unwrap(option)).type === 'array') ? ', or a list of such' : '';

function outermost(schema: Schema): string | undefined {
  const registered = expectations.get(schema as z.ZodType)?.expected;
  if (registered !== undefined) return registered;
  const def = defOf(schema);
  return 'innerType' in def ? outermost(def.innerType) : undefined;
}

function wholeNumber(schema: Schema): string {
  const { minValue, maxValue } = schema as z.ZodNumber;
  const bounded = minValue !== null && maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER;
  return bounded ? `a whole number from ${minValue} to ${maxValue}` : 'a whole number';
}

const list = (values: readonly (string | number)[]): string => values.map((value) => `\`${value}\``).join(', ');

const isRecord = (data: unknown): data is Record<string, unknown> => typeof data === 'object' && data !== null;
