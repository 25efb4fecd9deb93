/** Turns a text into plain values, with a diagnostic for everything that is wrong with it as YAML. */
import { type YAMLError, isScalar, visit } from 'yaml';
import type { Report } from '../diagnostics/report.ts';
import { type Source, createSource } from '../diagnostics/source.ts';
import type { Fault } from './suppose.ts';

export interface ReadText {
  readonly file: string;
  readonly source: Source | undefined;
  /** Undefined when the text could not be understood. */
  readonly data: unknown;
  /** What was reported of it already, although it could be understood. */
  readonly faults?: readonly Fault[];
}

const wholeFile = (file: string) => ({ file, line: 1, column: 1, length: 1, path: '' });

/** Reads one file's text. Duplicate keys are reported but do not stop the reading: the last one counts. */
export function readYaml(file: string, text: string, report: Report): ReadText {
  const source = parse(file, text, report);
  if (!source) return { file, source, data: undefined };
  const { errors, warnings } = source.document;
  for (const error of firstOfLine(source, errors)) reportSyntax(source, error, report);
  for (const warning of warnings) reportTag(source, warning, text, report);
  if (errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { file, source, data: undefined };
  if (source.document.contents === null || isEmpty(source)) {
    report.add('config/empty-file', { path: file }, { at: wholeFile(file) });
    return { file, source, data: undefined };
  }
  return { file, source, data: unfold(source, report) };
}

/** One slip often breaks a line in several ways; the first is the one to look at. */
function firstOfLine(source: Source, errors: readonly YAMLError[]): readonly YAMLError[] {
  const tooDeep = errors.find(({ message }) => message.includes('call stack'));
  if (tooDeep) return [tooDeep];
  // What follows a tab is misread.
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  if (tabs.length > 0) return tabs;
  const line = (error: YAMLError): number => source.span(...error.pos).line;
  return errors.filter((error, index) => errors.findIndex((other) => line(other) === line(error)) === index);
}

const isEmpty = ({ document }: Source): boolean => isScalar(document.contents) && document.contents.value === null;

function parse(file: string, text: string, report: Report): Source | undefined {
  try {
    return createSource(file, text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.add('config/yaml-bomb', {}, { at: wholeFile(file) });
    return undefined;
  }
}

/** @see https://eemeli.org/yaml/#tojs-options `maxAliasCount` guards against "billion laughs" */
function unfold(source: Source, report: Report): unknown {
  try {
    return source.document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error;
    report.add('config/yaml-bomb', {}, { at: firstAlias(source) ?? wholeFile(source.file) });
    return undefined;
  }
}

function firstAlias(source: Source) {
  let range: readonly number[] | undefined;
  visit(source.document, {
    Alias: (_, alias) => {
      range = alias.range ?? undefined;
      return visit.BREAK;
    },
  });
  return range && source.span(range[0] ?? 0, range[1] ?? 0);
}

function reportSyntax(source: Source, error: YAMLError, report: Report): void {
  const at = source.span(...error.pos);
  if (error.message.includes('call stack')) return report.add('config/yaml-bomb', {}, { at });
  if (error.code === 'DUPLICATE_KEY') {
    return reportTwice(source, error, report);
  }
  if (/missing closing .quote/i.test(error.message)) return reportOpenQuote(source, error, report);
  if (error.code === 'TAB_AS_INDENT') return report.add('config/tab-indent', {}, { at });
  if (error.code === 'MULTIPLE_DOCS') return report.add('config/several-documents', {}, { at });
  const reason = error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/[.:]$/, '');
  return report.add('config/yaml-syntax', { reason }, { at });
}

function reportTag(source: Source, warning: YAMLError, text: string, report: Report): void {
  const [start, end] = warning.pos;
  report.add('config/yaml-tag', { tag: text.slice(start, end) }, { at: source.span(start, end) });
}

/** Both places of a key that a map has twice. */
function reportTwice(source: Source, error: YAMLError, report: Report): void {
  visit(source.document, {
    Map: (_, { items }) => {
      const keys = items.flatMap(({ key }) =>
        isScalar(key) && key.range ? [{ text: key.value, range: key.range }] : [],
      );
      const again = keys.find(({ range }) => range[0] === error.pos[0]);
      const first = keys.find(({ text }) => text === again?.text);
      if (!again || !first) return;
      const [at, other] = [again, first].map(({ range }) => source.span(range[0], range[1]));
      report.add(
        'config/duplicate-key',
        { key: String(again.text) },
        { at, related: [{ message: 'first here', at: other }] },
      );
    },
  });
}

/** The parser notices at the end of the file, which is no help; the quote that opens is. */
function reportOpenQuote(source: Source, error: YAMLError, report: Report): void {
  let start = error.pos[0];
  visit(source.document, {
    Scalar: (_, { type, range }) => {
      if (range && type?.startsWith('QUOTE') && range[0] < error.pos[0] && range[1] >= error.pos[0]) start = range[0];
    },
  });
  const at = source.span(start, error.pos[0]);
  report.add('config/yaml-syntax', { reason: 'the quote that opens here is not closed' }, { at });
}
