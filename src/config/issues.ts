/** Turns what zod found wrong with a file into diagnostics at their places; zod's own words are never shown. */
import type * as z from 'zod';
import type { Report } from '../diagnostics/report.ts';
import { type Path, formatPath } from '../diagnostics/path.ts';
import { looksSecret } from '../diagnostics/secrets.ts';
import type { Source } from '../diagnostics/source.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { expectation, keysOf, schemaAt, titleOf, unwrap } from './schema/inspect.ts';

type Issue = z.core.$ZodIssue;

export interface Checked {
  readonly source: Source;
  readonly schema: z.ZodType;
  /** The file's content as plain values. */
  readonly data: unknown;
}

/** Reports one issue; `prefix` is where the parsed part lies in the file. */
export function reportIssue(checked: Checked, raw: Issue, report: Report): void {
  const issue = narrow(raw);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) reportUnknownKey(checked, issue.path as Path, key, report);
  } else if (issue.code === 'invalid_key') {
    reportWrongKey(checked, issue.path as Path, expectedBy(issue.issues[0]), report);
  } else if (valueAt(checked.data, issue.path as Path) === undefined) {
    reportMissing(checked, issue.path as Path, report);
  } else {
    reportWrongValue(checked, issue.path as Path, expectedBy(issue), report);
  }
}

/** Of a union that failed, the issue of the branch that the user most likely meant. */
export function narrow(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const isOther = (branch: readonly Issue[]): boolean =>
    branch.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
  const inner = (issue.errors.find((branch) => !isOther(branch)) ?? [])[0];
  return inner ? narrow({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

function expectedBy(issue: Issue | undefined): string | undefined {
  if (issue?.code === 'custom') return issue.params?.['expected'] as string | undefined;
  if (issue?.code === 'invalid_union' && 'options' in issue) return oneOf(issue.options);
  return issue?.code === 'too_small' && issue.origin === 'array' ? 'a list with at least one entry' : undefined;
}

const oneOf = (options: unknown): string =>
  `one of ${(options as unknown[]).flatMap((option) => (typeof option === 'string' ? `\`${option}\`` : [])).join(', ')}`;

function reportUnknownKey({ source, schema, data }: Checked, path: Path, key: string, report: Report): void {
  const parent = schemaAt(schema, path, data) ?? schema;
  const parentData = valueAt(data, path);
  const known = keysOf(parent, parentData) ?? [];
  const near = suggest(key, known);
  const values = { key, parent: titleOf(parent, parentData), known: known.join(', ') };
  const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
  report.add('config/unknown-key', values, { at: source.locateKey([...path, key]).at, hint });
}

function reportWrongKey({ source }: Checked, path: Path, expected: string | undefined, report: Report): void {
  const values = {
    key: String(path.at(-1)),
    setting: formatPath(path.slice(0, -1)),
    expected: expected ?? 'another name',
  };
  report.add('config/wrong-key', values, { at: source.locateKey(path).at });
}

function reportMissing({ source, schema, data }: Checked, path: Path, report: Report): void {
  const found = schemaAt(schema, path, data) as z.ZodType | undefined;
  const description = found?.description ?? 'it has no default.';
  const meaning = description.charAt(0).toLowerCase() + description.slice(1).replace(/\.$/, '');
  report.add('config/missing-key', { setting: formatPath(path), meaning }, { at: source.locate(path.slice(0, -1)).at });
}

function reportWrongValue(checked: Checked, path: Path, expectedText: string | undefined, report: Report): void {
  const { source, schema, data } = checked;
  const found = schemaAt(schema, path, data);
  const expected = expectedText ?? (found ? expectation(found) : 'something else');
  const value = valueAt(data, path);
  const setting = formatPath(path);
  const { at } = source.locate(path);
  const isSecret = source.isSecret(path) || (typeof value === 'string' && looksSecret(value));
  if (isSecret) return report.add('config/wrong-secret', { setting, expected }, { at });
  const wantsText = found !== undefined && takesText(found);
  if (wantsText && (typeof value === 'number' || typeof value === 'boolean')) {
    const written = source.written(path) ?? String(value);
    return report.add('config/unquoted', { setting, expected, source: written, read: describeValue(value) }, { at });
  }
  if (typeof value === 'string' && (wantsText || takesChoice(found))) {
    const near = suggest(value, choices(expected));
    const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
    return report.add('config/wrong-value', { setting, expected, found: excerpt(value) }, { at, hint });
  }
  return report.add(
    'config/wrong-type',
    { setting, expected, found: describeValue(value) },
    { at, hint: quotingHint(value, found) },
  );
}

/** Whether the value, or one of the values that may stand for it, is a free text. */
function takesText(schema: z.core.$ZodType): boolean {
  const def = (unwrap(schema) as z.core.$ZodTypes)._zod.def;
  if (def.type === 'union') return def.options.some(takesText);
  return def.type === 'string';
}

const takesChoice = (schema: z.core.$ZodType | undefined): boolean =>
  schema !== undefined && ['enum', 'literal'].includes(unwrap(schema)._zod.def.type);

/** The words of "one of `a`, `b`". */
function choices(expected: string): string[] {
  if (!expected.startsWith('one of ')) return [];
  return [...expected.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
}

/** `yes` and `"6443"` are texts; say how the meant value is written. */
function quotingHint(value: unknown, schema: z.core.$ZodType | undefined): string | undefined {
  const type = schema && unwrap(schema)._zod.def.type;
  if (type === 'number' && typeof value === 'string' && /^\d+$/.test(value)) return `write ${value} without quotes`;
  if (type !== 'boolean' || typeof value !== 'string') return undefined;
  if (/^(yes|on|true)$/i.test(value)) return 'write `true`, without quotes';
  return /^(no|off|false)$/i.test(value) ? 'write `false`, without quotes' : undefined;
}

function describeValue(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a group of settings';
  return typeof value === 'string'
    ? `the text \`${excerpt(value)}\``
    : `the ${typeof value} \`${JSON.stringify(value)}\``;
}

/** The start of a long or many-lined text, on one line. */
function excerpt(text: string): string {
  const line = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** The value at a path, undefined where there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return (value as Record<string | number, unknown>)[step];
  }, data);
}
