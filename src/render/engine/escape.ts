/**
 * Turns a value into the text that represents exactly this value in one file format, or throws. Nothing is dropped or
 * guessed: a value that the format cannot represent is refused, so no user value can add a line, a key or a command to
 * a file. test/render/escape*.test.ts compares each escaper with the program that reads the format.
 */
import { Document, visit, type Scalar } from 'yaml';
import { UnrepresentableError } from './error.ts';
import { tomlDocument } from './toml.ts';
import { execArgv, execWord, isArgv, isWord, unitValue, unitWords } from './escape-systemd.ts';

/** How `<%= %>` writes a value; one per template, see `catalog.ts`. */
export type Format =
  'word' | 'line' | 'shell' | 'env' | 'unit' | 'keyfile' | 'yaml' | 'json' | 'toml' | 'issue' | 'ceph' | 'html';

type Escape = (value: unknown) => string;

const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Strings, whole numbers and booleans as text; throws on values that would print as `undefined`, `NaN` or `[object]`.
 */
function scalarText(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') throw new UnrepresentableError(`${kindOf(value)} cannot be written as text`);
  if (CONTROL.test(value)) throw new UnrepresentableError('a control character or line break cannot be written here');
  if (LONE_SURROGATE.test(value)) throw new UnrepresentableError('the text is not valid Unicode');
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'number'
    ? `the number ${String(value)}`
    : typeof value === 'object'
      ? 'an object'
      : typeof value;
}

/**
 * One word of a line-based file: no blanks, quotes, comment signs or separators of any of those formats. Brackets are
 * allowed only around the IPv6 address of a server, before its port.
 */
function word(value: unknown): string {
  const text = scalarText(value);
  if (!/^(?=.)(https:\/\/)?(\[[\da-f:.]+\](?=:))?[\w.:/@+=,~^*$-]*$/.test(text)) {
    throw new UnrepresentableError('only letters, digits and `. : / @ + = , ~ ^ * $ - _` can be written here');
  }
  return text;
}

/** The rest of a line, unchanged. Programs strip blanks at its ends, so there may be none. */
function line(value: unknown): string {
  const text = scalarText(value);
  if (text === '' || text !== text.trim()) {
    throw new UnrepresentableError('an empty value or blanks at its ends cannot be written here');
  }
  return text;
}

/** One argument of a POSIX shell command. */
function shell(value: unknown): string {
  return `'${scalarText(value).replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A value that systemd's `EnvironmentFile=` and bash's `source` read alike: inside double quotes both take a backslash
 * before `"`, `\`, `$` and a backtick, and nothing else, as an escape (systemd.exec(5), bash(1) QUOTING).
 */
function env(value: unknown): string {
  return `"${scalarText(value).replaceAll(/["\\$`]/g, String.raw`\$&`)}"`;
}

/** A string or a list of a GLib key file (`;` ends a list's items), as NetworkManager's keyfile plugin reads it. */
function keyfile(value: unknown): string {
  if (Array.isArray(value))
    return value.map((item) => `${keyfileText(item).replaceAll(';', String.raw`\;`)};`).join('');
  return keyfileText(value);
}

function keyfileText(value: unknown): string {
  const escaped = scalarText(value).replaceAll('\\', '\\\\');
  return escaped.replaceAll(/^ +| +$/g, (blanks) => String.raw`\s`.repeat(blanks.length));
}

// Cached by the value as JSON. A thousand nodes have many equal documents, and the library would take a third of the
// rendering time.
const yamlTexts = new Map<string, string>();

/** A whole YAML document, or a string inside of one; quoted so that YAML 1.1 readers (`on`, `1:20`, `=`) see the same values. */
function yaml(value: unknown): string {
  requireData(value);
  if (typeof value === 'string') return yamlString(value); // not cached: it may be a secret
  const key = JSON.stringify(value);
  const text = yamlTexts.get(key) ?? yamlText(value);
  yamlTexts.set(key, text);
  return text;
}

function yamlText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, { Scalar: (_, scalar) => quoteUnlessPlain(scalar) });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER }).trimEnd();
}

const PLAIN = /^\w[\w.:/@+-]*$/;
// Always strings: no YAML keyword has six letters, and numbers begin with another character and end without `=`.
const WORD = /^[A-Za-z][\w.:/@+-]{4,}[\w./@+-]$/;
const BASE64 = /^[\w/+]{8,}={1,2}$/;

// The library decides about words, because it knows those that a YAML schema would read as another type.
function quoteUnlessPlain(scalar: Scalar): void {
  if (typeof scalar.value === 'string' && !PLAIN.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
}

function yamlString(text: string): string {
  if (WORD.test(text) || BASE64.test(text)) return text;
  return PLAIN.test(text) ? yamlText(text) : `'${text.replaceAll("'", "''")}'`;
}

/** A whole JSON document, two blanks per level. */
function json(value: unknown): string {
  requireData(value);
  return JSON.stringify(value, null, 2);
}

/** @param isInside whether the value is in a document, where the libraries escape line breaks */
function requireData(value: unknown, isInside = false): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  // yaml 2.9.1 writes a trailing tab without quotes. None of our data needs a tab.
  if (typeof value === 'string') return void scalarText(isInside ? value.replaceAll('\n', '') : value);
  if (typeof value !== 'object') throw new UnrepresentableError(`${kindOf(value)} cannot be written as data`);
  Object.entries(value).forEach(([key, item]) => {
    scalarText(key);
    requireData(item, true);
  });
}

/** A TOML value: basic string, number, boolean or array of them (toml.io v1.0.0); or a document of nested tables. */
function toml(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return tomlDocument(value as Record<string, unknown>, toml);
  if (typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`;
  const text = scalarText(value);
  // JSON's string escapes are a subset of TOML's. They differ for DEL, which `scalarText` refuses.
  return typeof value === 'string' ? JSON.stringify(text) : text;
}

/** Text of issue(5), where a backslash starts an escape of agetty. */
function issue(value: unknown): string {
  return scalarText(value).replaceAll('\\', '\\\\');
}

/**
 * A value of `ceph.conf`, or of a key ring between its quotes. Quotes, comment signs and Ceph's variables are refused.
 * https://docs.ceph.com/en/reef/rados/configuration/ceph-conf/#config-file-format
 */
function ceph(value: unknown): string {
  const text = scalarText(value);
  if (/["';#\\$]/.test(text) || text !== text.trim()) {
    throw new UnrepresentableError('quotes, `;`, `#`, `$`, backslashes and blanks at its ends cannot be written here');
  }
  return text;
}

/** A value of a systemd unit or `*.conf`; a list becomes quoted words, `{argv}` a command line, `{word}` an argument of one. */
function unit(value: unknown): string {
  if (isArgv(value)) return execArgv(value.argv.map(scalarText));
  if (isWord(value)) return execWord(scalarText(value.word), value.credential);
  return Array.isArray(value) ? unitWords(value.map(scalarText)) : unitValue(scalarText(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of an HTML element, or of an attribute in quotes: https://html.spec.whatwg.org/multipage/syntax.html#attributes-2 */
const html = (value: unknown): string => scalarText(value).replaceAll(/[&<>"']/g, (one) => ENTITIES[one] ?? one);

export const ESCAPES: Readonly<Record<Format, Escape>> = {
  word,
  line,
  shell,
  env,
  unit,
  keyfile,
  yaml,
  json,
  toml,
  issue,
  ceph,
  html,
};
