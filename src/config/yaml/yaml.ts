/** Parses YAML into plain values, with diagnostics for its faults. */
import { type Alias, type YAMLError, isScalar, visit } from 'yaml';
import type { Location } from '../../diagnostics/diagnostic.ts';
import type { Report } from '../../diagnostics/report.ts';
import { type Source, createSource } from '../../diagnostics/source.ts';
import type { Fault } from '../definition/suppose.ts';
import { reportSyntax } from './yaml-errors.ts';

export interface ReadText {
  readonly file: string;
  readonly source: Source | undefined;
  /** Undefined if the text could not be parsed. */
  readonly data: unknown;
  /** Faults that have been reported although the text could be parsed. */
  readonly faults?: readonly Fault[];
}

const wholeFile = (file: string) => ({ file, line: 1, column: 1, length: 1, path: '' });

/** Reads the text of one file. Duplicate keys are reported but do not stop the reading: the last one is used. */
export function readYaml(file: string, text: string, report: Report): ReadText {
  const source = parse(file, text, report);
  if (!source) return { file, source, data: undefined };
  const { isYaml, faults } = reportSyntax(source, text, report);
  for (const warning of source.document.warnings) reportTag(source, warning, text, report);
  if (!isYaml) return { file, source, data: undefined };
  if (source.document.contents === null || isEmpty(source)) {
    report.add('config/empty-file', { path: file }, { at: wholeFile(file) });
    return { file, source, data: undefined };
  }
  return { file, source, data: unfold(source, report), faults };
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
  const stray = findAlias(source, (alias) => alias.resolve(source.document) === undefined);
  if (stray) {
    const reason = '`*` in front of a text means another place of the file, which is not there';
    return void report.add('config/yaml-syntax', { reason }, { at: stray, hint: 'put the value in quotes' });
  }
  try {
    return source.document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error;
    const at = findAlias(source, () => true) ?? wholeFile(source.file);
    return void report.add('config/yaml-bomb', {}, { at });
  }
}

function findAlias(source: Source, isWanted: (alias: Alias) => boolean): Location | undefined {
  let range: readonly number[] | undefined;
  visit(source.document, {
    Alias: (_, alias) => {
      if (!isWanted(alias)) return undefined;
      range = alias.range ?? undefined;
      return visit.BREAK;
    },
  });
  return range && source.span(range[0] ?? 0, range[1] ?? 0);
}

function reportTag(source: Source, warning: YAMLError, text: string, report: Report): void {
  const [start, end] = warning.pos;
  report.add('config/yaml-tag', { tag: text.slice(start, end) }, { at: source.span(start, end) });
}
