/** Describes values with the wrong type or format. A text that YAML read as another type is shown as written. */
import type * as z from 'zod';
import { oddCharacter } from '../../diagnostics/odd-characters.ts';
import { type Path, formatPath } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import { looksSecret } from '../../diagnostics/secrets.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { type Checked, valueAt } from './checked.ts';
import { accepts } from './sample.ts';
import { expectedInstead } from '../machine/sysctl-values.ts';
import { expectation, schemaAt, type Schema, unwrap } from '../schema/inspect.ts';

interface Known {
  /** The expected value according to the schema, if that is more exact than the setting's description. */
  readonly expected?: string | undefined;
  readonly hint?: string | undefined;
}

/** Reports the value at a path. */
export function reportWrongValue(checked: Checked, path: Path, known: Known, report: Report): void {
  const { source, schema, data } = checked;
  const found = schemaAt(schema, path, data);
  const value = valueAt(data, path);
  const setting = path.length === 0 ? source.file : formatPath(path);
  const { at } = source.locate(path);
  const written = source.written(path);
  const ofKernel = kernelExpects(path, written);
  const expected = known.expected ?? ofKernel ?? (found ? expectation(found) : 'something else');
  const isText = found !== undefined && takesText(found);
  // YAML read it as a number, a boolean or null; in quotes it would be valid.
  const isUnquoted = isText && typeof value !== 'string' && !!written && !ofKernel && accepts(found, written);
  if (source.isSecret(path) || (typeof value === 'string' && looksSecret(value))) {
    const hint = isUnquoted ? `write it in quotes: without them, YAML reads ${kindOf(value)}` : known.hint;
    return report.add('config/wrong-secret', { setting, expected }, { at, hint });
  }
  if (isUnquoted) {
    const values = { setting, expected, source: written, read: describeValue(value) };
    const isEmptyMeant = value === null && accepts(found, '');
    const hint = isEmptyMeant ? `write \`""\` for an empty text, or '${written}' in quotes` : undefined;
    return report.add('config/unquoted', values, { at, hint });
  }
  if (typeof value === 'string' ? isText || takesChoice(found) : isText && isScalar(value) && !!written) {
    const text = typeof value === 'string' ? value : (written ?? '');
    const hint =
      known.hint ??
      choiceHint(text, expected) ??
      oddHint(text) ??
      switchHint(value, ofKernel) ??
      nothingHint(value, found);
    return report.add('config/wrong-value', { setting, expected, found: excerpt(text) }, { at, hint });
  }
  const hint = known.hint ?? typeHint(value, found);
  return report.add('config/wrong-type', { setting, expected, found: describeValue(value) }, { at, hint });
}

/** The numbers that the kernel accepts for a setting of `sysctl`: text in quotes would be no better. */
const kernelExpects = (path: Path, written: string | undefined): string | undefined =>
  path.at(-2) === 'sysctl' ? expectedInstead(String(path.at(-1)), written ?? '') : undefined;

function switchHint(value: unknown, ofKernel: string | undefined): string | undefined {
  if (ofKernel === undefined || typeof value !== 'boolean') return undefined;
  return value ? 'the kernel has `1` for on' : 'the kernel has `0` for off';
}

/** Whether the schema, or one of its alternatives, accepts any text. */
function takesText(schema: Schema): boolean {
  const def = (unwrap(schema) as z.core.$ZodTypes)._zod.def;
  if (def.type === 'union') return def.options.some(takesText);
  return def.type === 'string';
}

const takesChoice = (schema: Schema | undefined): boolean =>
  schema !== undefined && ['enum', 'literal'].includes(unwrap(schema)._zod.def.type);

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object';

function choiceHint(text: string, expected: string): string | undefined {
  const near = suggest(text, choices(expected));
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}

/** The words in backticks of "one of `a`, `b`". */
function choices(expected: string): string[] {
  if (!expected.startsWith('one of ')) return [];
  return [...expected.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
}

function oddHint(text: string): string | undefined {
  const odd = oddCharacter(text);
  return odd && `it contains ${odd.name}, which is not an ASCII character`;
}

function nothingHint(value: unknown, schema: Schema | undefined): string | undefined {
  if (value !== null) return undefined;
  if (schema && takesText(schema) && accepts(schema, '')) return 'give it a value; an empty text is `""`';
  return schema && accepts(schema, undefined) ? 'give it a value, or remove the line' : 'give it a value';
}

/** `yes` and `"6443"` are texts. The hint shows the boolean or number that the user meant. */
function typeHint(value: unknown, schema: Schema | undefined): string | undefined {
  const type = schema && unwrap(schema)._zod.def.type;
  if (typeof value !== 'string') return nothingHint(value, schema);
  if (type === 'number' && /^\d+$/.test(value)) return `write ${value} without quotes`;
  if (type === 'array' && schema && accepts(schema, [value])) return `write it as a list: [${value}]`;
  if (type !== 'boolean') return oddHint(value);
  if (/^(yes|on|true)$/i.test(value)) return 'write `true`, without quotes';
  return /^(no|off|false)$/i.test(value) ? 'write `false`, without quotes' : undefined;
}

const kindOf = (value: unknown): string => (value === null ? 'nothing' : `a ${typeof value}`);

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the text \`${excerpt(value)}\``;
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} \`${String(value)}\``;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return value === null ? 'nothing' : 'a group of settings';
}

/** The start of a long or multi-line text, on one line. */
function excerpt(text: string): string {
  const line = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
