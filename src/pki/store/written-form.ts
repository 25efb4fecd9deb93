/**
 * Reads YAML in the form in which stores are written. The store of a thousand nodes has 150,000 lines; a parser of all YAML needs a
 * second for them, and 50 times their size in memory.
 */

/** `key:`, `key: value`; the words need no quotes. */
const ENTRY = /^( *)([A-Za-z0-9][\w./-]*):(?: (\S+))?$/;
const WORD = /^[A-Za-z0-9+/][\w./+=-]*$/;
/** Words that are no strings: https://yaml.org/spec/1.2.2/#103-core-schema */
const OTHER = /^(null|true|false|\+?[\d.]+(e[-+]?\d+)?|0o[0-7]+|0x[\da-f]+|\+?\.inf)$/i;
/** E.g. digits that are a string. */
const QUOTED = /^"([\w./+=-]+)"$/;

type Fields = Record<string, unknown>;

/**
 * Maps, literal blocks, lists of words, words, `null`, `[]` and `{}`; comments at the beginning of lines. Returns null for
 * anything else, which may be valid YAML.
 */
export function readWrittenForm(text: string): Fields | null {
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  const root: Fields = {};
  /** The maps around the present line, the outermost first. */
  const open = [root];
  for (let at = 0; at < lines.length;) {
    const line = lines[at++] ?? '';
    if (line.startsWith('#')) continue;
    const [, indent = '', key = '', word] = ENTRY.exec(line) ?? [];
    const map = open[indent.length / 2];
    if (map === undefined || stringOf(key) === undefined || Object.hasOwn(map, key)) return null;
    open.length = indent.length / 2 + 1;
    const inner = `${indent}  `;
    if (word === '|') {
      const end = endOf(lines, at, (next) => next.startsWith(inner) && next[inner.length] !== ' ');
      if (end === at) return null;
      map[key] = `${withoutPrefix(lines, at, end, inner)}\n`;
      at = end;
    } else if (word !== undefined) {
      const value = valueOf(word);
      if (value === undefined) return null;
      map[key] = value;
    } else if (lines[at]?.startsWith(`${inner}- `)) {
      const end = endOf(lines, at, (next) => next.startsWith(`${inner}- `));
      const words = withoutPrefix(lines, at, end, `${inner}- `).split('\n').map(stringOf);
      if (words.includes(undefined)) return null;
      map[key] = words;
      at = end;
    } else {
      const child: Fields = {};
      if (!lines[at]?.startsWith(inner)) return null;
      map[key] = child;
      open.push(child);
    }
  }
  return root;
}

/** Undefined for what is no string, or may be none. */
const stringOf = (word: string): string | undefined =>
  WORD.test(word) && !OTHER.test(word) ? word : QUOTED.exec(word)?.[1];

/** Undefined for what is not known. */
function valueOf(word: string): unknown {
  const text = stringOf(word);
  if (text !== undefined) return text;
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  return word === 'null' ? null : word === '[]' ? [] : word === '{}' ? {} : undefined;
}

function endOf(lines: readonly string[], from: number, belongs: (line: string) => boolean): number {
  let end = from;
  while (end < lines.length && belongs(lines[end] ?? '')) end++;
  return end;
}

const withoutPrefix = (lines: readonly string[], from: number, to: number, prefix: string): string =>
  lines
    .slice(from, to)
    .map((line) => line.slice(prefix.length))
    .join('\n');
