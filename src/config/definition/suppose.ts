/**
 * Replaces faulty values by values that the schema accepts, so that the rules can check the rest: with a misspelt key, the same
 * run still reports that two nodes share an address. `known.ts` finds the values that depend on the replacement.
 */
import type * as z from 'zod';
import type { Path } from '../../diagnostics/path.ts';
import { guessKey } from './meant-setting.ts';
import { narrow, valueAt } from './checked.ts';
import { accepts, sample } from './sample.ts';
import { keysOf, kindsWith, schemaAt } from '../schema/inspect.ts';

/** A reported fault. */
export interface Fault {
  /** The place of the fault. */
  readonly path: Path;
  /** The settings with an unknown value. */
  readonly open: readonly Path[];
}

interface Supposition<T> {
  readonly value: T;
  readonly faults: readonly Fault[];
}

/** The first variant leaves out optional settings; each of the others has another value for them. */
export const VARIANTS = [0, 1, 2] as const;

/**
 * The output of the schema for `data` with corrected faults; undefined if `data` as a whole is faulty.
 * @param reported faults that are known already
 */
export function suppose<S extends z.ZodType>(
  schema: S,
  data: unknown,
  variant: number,
  reported: readonly Fault[] = [],
): Supposition<z.output<S>> | undefined {
  const faults: Fault[] = [...reported];
  let rest = reported.reduce((mended, fault) => mend(schema, mended, fault, variant), data);
  for (let round = 0; round < 6; round++) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { value: parsed.data, faults };
    const found = parsed.error.issues.flatMap((issue) => faultsOf(schema, rest, issue));
    if (found.some(({ path }) => path.length === 0)) return undefined;
    faults.push(...found);
    rest = found.reduce((mended, fault) => mend(schema, mended, fault, variant), rest);
  }
  return undefined;
}

function faultsOf(schema: z.ZodType, data: unknown, raw: z.core.$ZodIssue): Fault[] {
  const issue = narrow(raw);
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], open: meantBy(schema, data, path, key) }));
  }
  // An interface without a type, or a map with an invalid key, is unknown as a whole.
  const isWhole = issue.code === 'invalid_key' || (issue.code === 'invalid_union' && 'discriminator' in issue);
  const whole = isWhole ? path.slice(0, -1) : path;
  return [{ path: whole, open: [whole] }];
}

/**
 * The setting that an unknown key probably means; if there is none, all unset settings of the same group. For a key of another
 * kind of the group, the whole group.
 */
function meantBy(schema: z.ZodType, data: unknown, path: Path, key: string): Path[] {
  const group = schemaAt(schema, path, data);
  if (group && kindsWith(group, valueAt(data, path), key)) return [path];
  const guess = guessKey(schema, data, path, key);
  if (guess) return unsetBy(data, guess, path.length);
  const siblings = (group && keysOf(group, valueAt(data, path))) ?? [];
  return siblings.map((sibling) => [...path, sibling]).filter((sibling) => valueAt(data, sibling) === undefined);
}

/** What is unset of a setting: the setting, its outermost missing group, or the list whose entries have it. */
function unsetBy(data: unknown, setting: Path, depth: number): Path[] {
  const entry = setting.findIndex((step, index) => index >= depth && typeof step === 'number');
  const whole = entry === -1 ? setting : setting.slice(0, entry);
  const length = whole.findIndex((_, index) => valueAt(data, whole.slice(0, index + 1)) === undefined) + 1;
  if (length > 0) return [whole.slice(0, length)];
  return entry === -1 ? [] : [whole];
}

function mend(schema: z.ZodType, data: unknown, { path, open }: Fault, variant: number): unknown {
  const isKept = path.length === 0 || open.includes(path);
  return open.reduce(
    (mended, setting) => {
      const at = schemaAt(schema, setting, mended);
      if (!at) return mended;
      const isLeftOut = variant === 0 && typeof setting.at(-1) === 'string' && accepts(at, undefined);
      return put(mended, setting, isLeftOut ? undefined : sample(at, variant));
    },
    isKept ? data : put(data, path, undefined),
  );
}

/** A copy with another value at the path, or without the path if the value is undefined. */
function put(data: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const isThere = typeof data === 'object' && data !== null;
  if (!isThere && value === undefined) return data;
  const copy = (Array.isArray(data) ? [...(data as unknown[])] : isThere ? { ...data } : {}) as Record<string, unknown>;
  const inner = put(Object.hasOwn(copy, step) ? copy[step] : undefined, rest, value);
  if (inner === undefined) Reflect.deleteProperty(copy, step);
  else copy[step] = inner;
  return copy;
}
