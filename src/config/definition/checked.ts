/** A file's content with its schema: values at paths, and zod's issues in their narrowest form. */
import type * as z from 'zod';
import type { Path } from '../../diagnostics/path.ts';
import type { Source } from '../../diagnostics/source.ts';

export type Issue = z.core.$ZodIssue;

export interface Checked {
  readonly source: Source;
  readonly schema: z.ZodType;
  /** The file's content as plain values. */
  readonly data: unknown;
}

/** For a failed union, the issue of the branch that the user most likely meant; other issues unchanged. */
export function narrow(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const isOther = (branch: readonly Issue[]): boolean =>
    branch.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
  const inner = (issue.errors.find((branch) => !isOther(branch)) ?? [])[0];
  return inner ? narrow({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

/** The value at a path, undefined if there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return (value as Record<string | number, unknown>)[step];
  }, data);
}
