/** Makes values that a schema accepts, to replace values of the user that it does not accept. */
import type * as z from 'zod';
import { DEFAULT_KUBERNETES, minorOf } from '../kubernetes/releases.ts';
import { expectation, unwrap } from '../schema/inspect.ts';

type Schema = z.core.$ZodType;

/** At least two texts for every text format in the configuration; a test checks every setting. */
const TEXTS = [
  ...['supposed-a', 'supposed-b', '192.0.2.1', '192.0.2.2', 'fd00::a', 'fd00::b', '192.0.2.0/24', '198.51.100.0/24'],
  ...[0, 1].map((patch) => `${minorOf(DEFAULT_KUBERNETES)}.${String(patch)}`),
  ...['52:54:00:00:00:0a', '52:54:00:00:00:0b', '2.3.0', '2.3.1', '40G', '80G', '1h', '2h', '0600', '0644'],
  ...['https://a.example/x', 'https://b.example/x', '/supposed/a', '/supposed/b', 'a.service', 'b.service'],
  ...['vm.swappiness', 'vm.overcommit', 'ttyS0', 'ttyS1', 'UTC', 'Europe/Berlin', 'none', 'root', '1000:1000'],
  ...['0', '1', '100', 'supposed', 'miimon', 'updelay', 'abcdef.0123456789abcdef', 'abcdef.0123456789abcdeg'],
  ...['a', 'b'].map((letter) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`),
  ...['a', 'b'].map((letter) => `$y$j9T$${letter.repeat(22)}$${letter.repeat(43)}`),
  'age10hv3yq4ew48azcv07zpeej0qzr977rxkvmh40j6q7n7c5qvn4fys0azay9',
  'age1dlfrhna8nj8lwa6clhruuj0svnhy562k6cpde06mge6ans3frsmq0ayfa3',
  ...['a', 'b'].map((letter) => letter.repeat(64)),
];

/** A value for the schema; undefined if it finds none. Other variants give other values, if there are any. */
export function sample(schema: Schema, variant: number): unknown {
  const inner = unwrap(schema);
  const def = (inner as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'boolean':
      return variant % 2 === 1;
    case 'number':
      return number(inner as z.ZodNumber, variant);
    case 'enum':
      return nth(Object.values(def.entries), variant);
    case 'literal':
      return nth(def.values, variant);
    case 'union':
      return ofUnion(schema, def.options, variant);
    case 'array':
      return list(schema, def.element, variant);
    case 'record':
      return { [String(text(def.keyType, variant))]: sample(def.valueType, variant) };
    case 'object':
      return group(def.shape, variant);
    default:
      return text(schema, variant);
  }
}

/** The union may refuse a value that one of its alternatives accepts, because it may have further checks. */
function ofUnion(schema: Schema, options: readonly Schema[], variant: number): unknown {
  const first = sample(nth(options, variant) ?? schema, variant);
  if (accepts(schema, first)) return first;
  const others = options.flatMap((option) => [0, 1, 2].map((each) => sample(option, each)));
  return nth([...others.filter((one) => accepts(schema, one)), ...textsFor(schema)], variant);
}

const nth = <T>(values: readonly T[], index: number): T | undefined => values[index % values.length];

function number({ minValue, maxValue }: z.ZodNumber, variant: number): number {
  const [least, most] = [Math.max(minValue ?? 0, 0), Math.min(maxValue ?? 100, 65_535)];
  return nth([least, most, Math.floor((least + most) / 2)], variant) ?? least;
}

/** A list of no, one or several entries. */
function list(schema: Schema, element: Schema, variant: number): unknown[] {
  if (variant === 0 && accepts(schema, [])) return [];
  const items = variant < 2 ? [variant] : [variant, variant + 1, variant + 2, variant + 3];
  return items.map((index) => sample(element, index));
}

/** The first variant has only the required settings. */
function group(shape: z.core.$ZodShape, variant: number): Record<string, unknown> {
  const entries = Object.entries(shape).filter(([, value]) => variant > 0 || !accepts(value, undefined));
  return Object.fromEntries(entries.map(([key, value]) => [key, sample(value, variant)]));
}

const text = (schema: Schema, variant: number): unknown => nth(textsFor(schema), variant);

/** A cache: some formats take a millisecond to check, and there are dozens of texts. */
const tried = new WeakMap<Schema, readonly unknown[]>();

function textsFor(schema: Schema): readonly unknown[] {
  const { examples } = (unwrap(schema) as z.ZodType).meta() ?? {};
  const words = [...expectation(schema).matchAll(/`([^`]+)`/g)].map(([, word]) => word);
  const all = [...(Array.isArray(examples) ? (examples as unknown[]) : []), ...words, ...TEXTS];
  const fitting = tried.get(schema) ?? all.filter((candidate) => accepts(schema, candidate));
  tried.set(schema, fitting);
  return fitting;
}

/** Whether the schema accepts the value. */
export const accepts = (schema: Schema, value: unknown): boolean => (schema as z.ZodType).safeParse(value).success;
