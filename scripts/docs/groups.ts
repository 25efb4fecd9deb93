/** The groups of settings in the schema, each once: a group that occurs in several places has several paths. */
import type * as z from 'zod';
import { unwrap } from '../../src/config/schema/inspect.ts';

export type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypes['_zod']['def'];
export const defOf = (schema: Schema): Def => schema._zod.def as Def;

export type Shape = Readonly<Record<string, Schema>>;

export interface Group {
  /** Like `nodes[].network.routes[]`, in the order of the schema. */
  readonly paths: readonly string[];
  /** As in messages: `a route`. */
  readonly title: string;
  readonly shape: Shape;
  /**
   * For a list with items of several types: the settings of only one type. `shape` then has the settings that all types share.
   */
  readonly variants: readonly { readonly title: string; readonly shape: Shape }[];
}

interface Found extends Omit<Group, 'paths'> {
  readonly path: string;
}

/** All groups below a schema, depth first. */
export function groupsOf(schema: Schema): readonly Group[] {
  const merged = new Map<string, Group>();
  for (const { path, ...group } of walk('', schema)) {
    const known = merged.get(group.title);
    if (known && Object.keys(known.shape).join() !== Object.keys(group.shape).join())
      throw new Error(`two groups of the schema are called ${group.title}`);
    merged.set(group.title, { ...group, paths: [...new Set([...(known?.paths ?? []), path])] });
  }
  return [...merged.values()];
}

function walk(path: string, schema: Schema): readonly Found[] {
  const inner = unwrap(schema);
  const def = defOf(inner);
  if (def.type === 'array') return walk(`${path}[]`, def.element);
  if (def.type === 'object') return withInner({ path, title: titleOf(inner), shape: def.shape, variants: [] });
  if (def.type !== 'union') return [];
  const objects = def.options.map(unwrap).filter((option) => defOf(option).type === 'object');
  if (objects.length < 2) return def.options.flatMap((option) => walk(path, option));
  return withInner(severalTypes(path, objects));
}

function severalTypes(path: string, options: readonly Schema[]): Found {
  const shapes = options.map(shapeOf);
  const [first = {}] = shapes;
  const isCommon = (key: string): boolean => shapes.every((shape) => shape[key] === first[key]);
  const pick = (shape: Shape, wanted: (key: string) => boolean): Shape =>
    Object.fromEntries(Object.entries(shape).filter(([key]) => wanted(key)));
  const variants = options.map((option, index) => ({
    title: titleOf(option),
    shape: pick(shapes[index] ?? {}, (key) => !isCommon(key)),
  }));
  return { path, title: path, shape: pick(first, isCommon), variants };
}

function withInner(group: Found): readonly Found[] {
  const shapes = [group.shape, ...group.variants.map(({ shape }) => shape)];
  const at = (key: string): string => (group.path === '' ? key : `${group.path}.${key}`);
  return [group, ...shapes.flatMap((shape) => Object.entries(shape).flatMap(([key, inner]) => walk(at(key), inner)))];
}

const titleOf = (schema: Schema): string => (schema as z.ZodType).meta()?.title ?? '';

function shapeOf(schema: Schema): Shape {
  const def = defOf(schema);
  return def.type === 'object' ? def.shape : {};
}
