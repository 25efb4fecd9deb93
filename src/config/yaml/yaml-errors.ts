/** Syntax errors of YAML: one diagnostic for the first error, because the parser misreads the text after it. */
import { type YAMLError, type YAMLMap, type YAMLSeq, isScalar, visit } from 'yaml';
import type { Report } from '../../diagnostics/report.ts';
import type { Source } from '../../diagnostics/source.ts';
import type { Fault } from '../definition/suppose.ts';
import { pathOf } from './path.ts';
import { findSlip } from './slips.ts';

interface Syntax {
  readonly isYaml: boolean;
  /** Duplicate settings. */
  readonly faults: readonly Fault[];
}

/** Reports syntax errors. A duplicate key does not stop the reading, but its intended value is unknown. */
export function reportSyntax(source: Source, text: string, report: Report): Syntax {
  const { errors } = source.document;
  const [first] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY').toSorted((a, b) => a.pos[0] - b.pos[0]);
  const fatal = errors.find(({ message }) => message.includes('call stack')) ?? first;
  const twice = errors.filter(({ code, pos }) => code === 'DUPLICATE_KEY' && pos[0] < (fatal?.pos[0] ?? Infinity));
  const faults = twice.flatMap((error) => reportTwice(source, error, report));
  if (fatal) reportFatal(source, text, fatal, report);
  return { isYaml: fatal === undefined, faults };
}

function reportFatal(source: Source, text: string, error: YAMLError, report: Report): void {
  const { code, message, pos } = error;
  const at = source.span(...pos);
  if (message.includes('call stack')) return report.add('config/yaml-bomb', {}, { at });
  if (code === 'TAB_AS_INDENT') return report.add('config/tab-indent', {}, { at });
  if (code === 'MULTIPLE_DOCS') return report.add('config/several-documents', {}, { at });
  const { reason, hint, start, end } = conflictIn(text) ??
    openIn(source, error) ??
    findSlip(text, pos[0]) ?? { ...said(error), start: pos[0], end: pos[1] };
  return report.add('config/yaml-syntax', { reason }, { at: source.span(start, end), hint });
}

/** Conflict markers that git writes into a file. */
function conflictIn(text: string) {
  const found = /^(<{7} |={7}$|>{7} ).*/m.exec(text);
  if (!found) return undefined;
  const hint = 'keep one of the two versions, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`';
  return {
    reason: 'it contains an unresolved merge conflict of git',
    hint,
    start: found.index,
    end: found.index + found[0].length,
  };
}

/** An unclosed quote, list or map. The parser reports it where the next setting or the file ends; its start helps the user more. */
function openIn({ document }: Source, { message, pos }: YAMLError) {
  const [mark] = /(?<=missing closing )["']|[\]}]$/i.exec(message) ?? [];
  if (mark === undefined) return undefined;
  let opens = pos[0];
  const note = (range: readonly number[] | null | undefined): void => {
    if (range && (range[0] ?? 0) < pos[0] && (range[1] ?? 0) >= pos[0]) opens = range[0] ?? opens;
  };
  visit(document, {
    Scalar: (_, { type, range }) => void (type?.startsWith('QUOTE') && note(range)),
    Collection: (_, { flow, range }: YAMLMap | YAMLSeq) => void (flow && note(range)),
  });
  const what = /["']/.test(mark) ? 'quote' : mark === ']' ? 'list' : 'map';
  const hint = `close it with \`${mark}\``;
  return { reason: `the ${what} that opens here is not closed`, hint, start: opens, end: pos[0] };
}

const WORDS: Partial<Record<YAMLError['code'], string>> = {
  MULTILINE_IMPLICIT_KEY: 'this is neither `key: value` nor an entry of a list',
  BLOCK_AS_IMPLICIT_KEY: 'a setting stands here where a value is expected',
  BAD_INDENT: 'this line is indented otherwise than the ones that it belongs to',
  NON_STRING_KEY: 'a key has to be a word',
  UNEXPECTED_TOKEN: 'something follows what is complete already',
};

function said({ code, message }: YAMLError): { readonly reason: string; readonly hint?: string } {
  return { reason: WORDS[code] ?? message.charAt(0).toLowerCase() + message.slice(1).replace(/[.:]$/, '') };
}

/** Reports both places of a duplicate key. */
function reportTwice(source: Source, error: YAMLError, report: Report): Fault[] {
  const faults: Fault[] = [];
  visit(source.document, {
    Map: (position, map, ancestors) => {
      const keys = map.items.flatMap(({ key }) =>
        isScalar(key) && key.range ? [{ text: key.value, range: key.range }] : [],
      );
      const again = keys.find(({ range }) => range[0] === error.pos[0]);
      const first = keys.find(({ text }) => text === again?.text);
      if (!again || !first) return;
      const key = String(again.text);
      const [at, other] = [again, first].map(({ range }) => source.span(range[0], range[1]));
      report.add('config/duplicate-key', { key }, { at, related: [{ message: 'first here', at: other }] });
      const path = [...pathOf(ancestors, position), key];
      faults.push({ path, open: [path] });
    },
  });
  return faults;
}
