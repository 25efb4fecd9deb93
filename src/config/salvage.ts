/**
 * Takes the faulty parts out of a file's values, so that the rules can look at the rest: a user who misspelt one key still
 * learns in the same run that two nodes share an address.
 */
import type * as z from 'zod';
import type { Path } from '../diagnostics/path.ts';
import { narrow, valueAt } from './issues.ts';

/** What the schema makes of the sound part of `data`; undefined when nothing sound is left. */
export function salvage<S extends z.ZodType>(schema: S, data: unknown): z.output<S> | undefined {
  let rest: unknown = data;
  for (let round = 0; round < 6; round++) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return parsed.data;
    const faulty = parsed.error.issues.flatMap((issue) => faultyPaths(rest, issue));
    if (faulty.some((path) => path.length === 0)) return undefined;
    rest = faulty.reduce(without, rest);
  }
  return undefined;
}

function faultyPaths(data: unknown, raw: z.core.$ZodIssue): Path[] {
  const issue = narrow(raw);
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => upToList([...path, key]));
  // A missing key makes the group around it unusable.
  return [upToList(valueAt(data, path) === undefined ? path.slice(0, -1) : path)];
}

/** Taking one entry out of a list would move the others to positions where the user did not write them. */
function upToList(path: Path): Path {
  const position = path.findIndex((step) => typeof step === 'number');
  return position === -1 ? path : path.slice(0, position);
}

function without(data: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof data !== 'object' || data === null || !Object.hasOwn(data, step)) return data;
  const copy = { ...data } as Record<string, unknown>;
  if (rest.length > 0) copy[step] = without(copy[step], rest);
  else Reflect.deleteProperty(copy, step);
  return copy;
}
