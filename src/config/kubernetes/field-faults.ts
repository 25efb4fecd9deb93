/**
 * Compares a document of upstream with the fields that a version of Kubernetes has (`upstream-fields.ts`). Names are compared as strict
 * decoding does it, letter by letter (sigs.k8s.io/json); types as Go reads JSON.
 */
import { suggest } from '../../diagnostics/suggest.ts';
import { memo } from '../memo.ts';
import { type Fields, isFields } from './documents.ts';
import { minorOf, minorsBetween } from './releases.ts';
import { NEWEST_FIELDS, UPSTREAM_FIELDS } from './upstream-fields.ts';

type Steps = readonly (string | number)[];

export type FieldFault =
  | { readonly kind: 'unknown'; readonly path: Steps; readonly why: string; readonly meant: string | undefined }
  | { readonly kind: 'type'; readonly path: Steps; readonly expected: string };

interface Field {
  readonly type: string;
  readonly first: string;
  readonly last: string;
}

/** The lines of a type, by the name of the field. A field whose type changed has several. */
const fieldsOf = memo(({ text }: { readonly text: string }): ReadonlyMap<string, readonly Field[]> => {
  const fields = new Map<string, readonly Field[]>();
  for (const word of text.trim().split(/\s+/)) {
    const [, name = '', type = '', first = '1.0', last = '1.999'] = /^([^:]+):([^@]+)(?:@([^-]+)(?:-(.+))?)?$/.exec(word) ?? [];
    fields.set(name, [...(fields.get(name) ?? []), { type, first, last }]);
  }
  return fields;
}); // prettier-ignore

const TYPES = new Map(Object.entries(UPSTREAM_FIELDS).map(([name, text]) => [name, { text }]));

const isIn = ({ first, last }: Field, version: string): boolean =>
  minorsBetween(first, version) >= 0 && minorsBetween(version, last) >= 0;

/** Whether the table has the version. If not, a field that the table lacks may exist. */
export const hasFieldsOf = (version: string): boolean => minorsBetween(minorOf(version), NEWEST_FIELDS) >= 0;

/** The faults of a document. @param type the name of its type in the table, e.g. `kubelet/KubeletConfiguration` */
export function fieldFaults(document: Fields, type: string, version: string): readonly FieldFault[] {
  return ofValue(document, type, hasFieldsOf(version) ? minorOf(version) : NEWEST_FIELDS, []);
}

/** The fields of a type in the newest version of the table, with those of groups in it: path and notation. */
export function fieldPaths(type: string): readonly (readonly [path: readonly string[], notation: string])[] {
  const text = TYPES.get(type);
  if (text === undefined) return [];
  return [...fieldsOf(text)].flatMap(([name, lives]) => {
    const own = lives.find((one) => isIn(one, NEWEST_FIELDS));
    if (own === undefined) return [];
    const below = fieldPaths(own.type).map(([path, notation]) => [[name, ...path], notation] as const);
    return [[[name], own.type] as const, ...below];
  });
}

const DURATION = /^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/** Types of single values: what reads them, and what a user is to write. */
const SCALARS: Readonly<Record<string, readonly [accepts: (value: unknown) => boolean, expected: string]>> = {
  any: [() => true, ''],
  string: [(value) => typeof value === 'string', 'text; put a number in quotes'],
  bool: [(value) => typeof value === 'boolean', '`true` or `false`'],
  int: [(value) => typeof value === 'bigint' || Number.isInteger(value), 'a whole number, without quotes'],
  float: [(value) => typeof value === 'number' || typeof value === 'bigint', 'a number, without quotes'],
  duration: [(value) => typeof value === 'string' && DURATION.test(value), 'a duration with its unit, like `60s` or `1h30m`'],
  quantity: [(value) => typeof value === 'string' || typeof value === 'number', 'a quantity like `500Mi`'],
}; // prettier-ignore

function ofValue(value: unknown, type: string, version: string, path: Steps): readonly FieldFault[] {
  // Null removes coldstart's value, and is no value for Go.
  if (value === null || value === undefined) return [];
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar[0](value) ? [] : [{ kind: 'type', path, expected: scalar[1] }];
  const [, item] = /^\[(.+)\]$/.exec(type) ?? [];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [{ kind: 'type', path, expected: 'a list' }];
    return value.flatMap((one, index) => ofValue(one, item, version, [...path, index]));
  }
  if (!isFields(value)) return [{ kind: 'type', path, expected: 'a group of fields' }];
  const [, entry] = /^\{(.+)\}$/.exec(type) ?? [];
  if (entry !== undefined)
    return Object.entries(value).flatMap(([key, one]) => ofValue(one, entry, version, [...path, key]));
  return ofFields(value, type, version, path);
}

function ofFields(value: Fields, type: string, version: string, path: Steps): readonly FieldFault[] {
  const text = TYPES.get(type);
  if (text === undefined) throw new Error(`the table of upstream's fields has no ${type}`);
  const fields = fieldsOf(text);
  const known = [...fields].flatMap(([name, lives]) => (lives.some((one) => isIn(one, version)) ? [name] : []));
  return Object.entries(value).flatMap(([key, one]): readonly FieldFault[] => {
    const lives = fields.get(key) ?? [];
    const field = lives.find((life) => isIn(life, version));
    if (field !== undefined) return ofValue(one, field.type, version, [...path, key]);
    return [{ kind: 'unknown', path: [...path, key], why: whyUnknown(lives, version), meant: suggest(key, known) }];
  });
}

/** As the end of a sentence. */
function whyUnknown(lives: readonly Field[], version: string): string {
  const [first] = lives;
  if (first === undefined) return 'no version from 1.33 on has it';
  return minorsBetween(version, first.first) > 0
    ? `it is there since ${first.first}`
    : `it was there until ${lives.at(-1)?.last ?? ''}`;
}
