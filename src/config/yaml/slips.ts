/**
 * Finds the typing mistake (slip) behind a syntax error. The parser's message often points to a later line and another cause. So
 * common slips near that place are corrected one by one. The first correction that makes the text valid is reported.
 */
import { parseDocument } from 'yaml';
import { isLookalike, oddCharacter } from '../../diagnostics/odd-characters.ts';

/** The mistake, as the end of "This is not YAML: …", and its offsets in the text. */
interface Slip {
  readonly reason: string;
  readonly hint: string;
  readonly start: number;
  readonly end: number;
}

/** A slip and the corrected line. */
interface Candidate {
  readonly line: Line;
  readonly mended: string;
  readonly slip: Slip;
}

/** A line without its line end, and the offset of its start. */
interface Line {
  readonly text: string;
  readonly start: number;
}

/** The common slip that explains an error at `offset`; undefined if there is none. */
export function findSlip(text: string, offset: number): Slip | undefined {
  const lines = linesOf(text);
  const stuck = lines.findLastIndex(({ start }) => start <= offset);
  const near = [stuck, stuck - 1, stuck + 1].flatMap((index) => lines[index] ?? []);
  const candidates = [...near.flatMap(slipsOf), ...near.flatMap((line) => indents(line, lines))];
  return candidates.find(({ line, mended }) => {
    const end = line.start + line.text.length;
    return isYaml(text.slice(0, line.start) + mended + text.slice(end));
  })?.slip;
}

const linesOf = (text: string): Line[] => {
  let start = 0;
  return text.split('\n').map((line) => {
    const found = { text: line.replace(/\r$/, ''), start };
    start += line.length + 1;
    return found;
  });
};

/** Whether a text is valid YAML. A text with a second mistake is not, so only a slip that explains all errors is reported. */
function isYaml(text: string): boolean {
  try {
    const { errors } = parseDocument(text, {
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    return errors.length === 0;
  } catch {
    return false;
  }
}

const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/^(\s*)[\u2010-\u2014\u2212\u2022\u00b7]\s*/, '$1- '],
  [/\uff1a\s*/g, ': '],
  [/\uff0c/g, ','],
  [/[\u00a0\u202f\u3000]/g, ' '],
  [/[\u200b-\u200d\u2060\ufeff\u00ad]/g, ''],
  [/[\u201c-\u201e\u00ab\u00bb]/g, '"'],
  [/[\u2018-\u201a]/g, "'"],
];

const slipsOf = (line: Line): Candidate[] => [
  ...[...lookalikes(line), ...missingSpaces(line)],
  ...[...innerQuotes(line), ...bareValues(line)],
];

/** @param from first column of the slip in the diagnostic, counted from 0 */
function candidate(
  line: Line,
  mended: string,
  reason: string,
  hint: string,
  from = 0,
  to = line.text.length,
): Candidate {
  return { line, mended, slip: { reason, hint, start: line.start + from, end: line.start + to } };
}

function lookalikes(line: Line): Candidate[] {
  const odd = oddCharacter(line.text);
  if (!odd || !isLookalike(odd)) return [];
  const mended = PLAIN.reduce((plain, [from, to]) => plain.replace(from, to), line.text);
  const reason = `${odd.name} stands where a plain character is meant`;
  return [candidate(line, mended, reason, 'type it anew, as plain ASCII', odd.index, odd.index + 1)];
}

const SPACES: readonly (readonly [pattern: RegExp, by: string, reason: string, hint: string])[] = [
  [/^(\s*)-(?=[^\s-])/, '$1- ', 'a space is missing after the `-`', 'write `- ` in front of an entry of a list'],
  [/^(\s*(?:- )?[\w.-]+):(?=\S)/, '$1: ', 'a space is missing after the colon', 'write `key: value`'],
  [/^(\s*(?:- )?[\w.-]+)\s*=\s*/, '$1: ', '`=` stands where a colon is meant', 'write `key: value`'],
];

function missingSpaces(line: Line): Candidate[] {
  return SPACES.filter(([pattern]) => pattern.test(line.text)).map(([pattern, by, reason, hint]) =>
    candidate(line, line.text.replace(pattern, by), reason, hint, indentOf(line.text)),
  );
}

/** `'it's'`: the quote inside ends the text. */
function innerQuotes(line: Line): Candidate[] {
  const [, key = '', quote = '', inner] = /^([^'"]*)(["'])(.*)\2\s*$/.exec(line.text) ?? [];
  if (!inner?.includes(quote)) return [];
  const mended = `${key}${quote}${quote === "'" ? inner.replaceAll("'", "''") : inner.replaceAll('"', '\\"')}${quote}`;
  const hint =
    quote === "'" ? "write it twice, `''`, or take double quotes around the text" : 'write `\\"` inside the text';
  return [candidate(line, mended, 'a quote inside the text ends it', hint, key.length)];
}

/** A value that YAML does not read as text. The diagnostic does not show the value, because it may be a secret. */
function bareValues(line: Line): Candidate[] {
  const [, key = '', value = ''] = /^(\s*(?:- )?(?:[\w.-]+:\s+)?)(\S.*)$/.exec(line.text) ?? [];
  if (value === '' || /^(["']|[[{](?!\{))/.test(value)) return [];
  const mended = `${key}'${value.replaceAll("'", "''")}'`;
  return [candidate(line, mended, bareReason(value), 'put the value in quotes', key.length)];
}

function bareReason(value: string): string {
  if (value.startsWith('{{')) return 'the mark of a template is left in it, which YAML takes for a map';
  const isMark = /^[@`%*&!|>\]},?]/.test(value);
  return `a text without quotes cannot ${isMark ? `start with \`${value.charAt(0)}\`` : 'hold a colon with a space behind it'}`;
}

/** The line moved by one or two spaces: to the indentation of its neighbours or, for an odd indentation, of any earlier line. */
function indents(line: Line, lines: readonly Line[]): Candidate[] {
  const own = indentOf(line.text);
  const index = lines.indexOf(line);
  const [before, after] = [lines.slice(0, index).filter(hasText), lines.slice(index + 1).find(hasText)];
  const models = [...(own % 2 === 1 ? before : before.slice(-1)), ...(after ? [after] : [])];
  const indentations = [...new Set(models.map(({ text }) => indentOf(text)))];
  const near = indentations.filter((other) => other !== own && Math.abs(other - own) <= 2 && other % 2 === 0);
  return near.map((indent) => {
    const reason = `this line begins too far to the ${indent > own ? 'left' : 'right'}`;
    const hint = `indent it with ${String(indent)} spaces instead of ${String(own)}`;
    return candidate(line, ' '.repeat(indent) + line.text.slice(own), reason, hint, own);
  });
}

const hasText = ({ text }: Line): boolean => /^\s*[^#\s]/.test(text);
const indentOf = (text: string): number => /^ */.exec(text)?.[0].length ?? 0;
