/** Parses YAML into plain values, with diagnostics for its faults. */
import { type Alias, type YAMLError, isPair, isScalar, visit } from 'yaml';
import type { Location } from '../../diagnostics/diagnostic.ts';
import type { Report } from '../../diagnostics/report.ts';
import { type Source, createSource } from '../../diagnostics/source.ts';
import type { Fault } from '../definition/suppose.ts';
import { suggest } from '../../diagnostics/suggest.ts';
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
  if (stray)
    return void report.add(
      'config/yaml-syntax',
      { reason: strayReason(stray) },
      { at: stray.at, hint: strayHint(stray, source) },
    );
  try {
    return source.document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error;
    const at = findAlias(source, () => true)?.at ?? wholeFile(source.file);
    return void report.add('config/yaml-bomb', {}, { at });
  }
}

interface FoundAlias {
  readonly name: string;
  readonly at: Location;
  /** Whether it stands behind `<<:`, where YAML takes in the settings of another map. */
  readonly isMerge: boolean;
}

function findAlias(source: Source, isWanted: (alias: Alias) => boolean): FoundAlias | undefined {
  let found: FoundAlias | undefined;
  visit(source.document, {
    Alias: (_, alias, ancestors) => {
      if (!isWanted(alias)) return undefined;
      const pair = ancestors.findLast(isPair);
      const isMerge = isScalar(pair?.key) && pair.key.source === '<<';
      const [start = 0, end = 0] = alias.range ?? [];
      found = { name: alias.source, at: source.span(start, end), isMerge };
      return visit.BREAK;
    },
  });
  return found;
}

const strayReason = ({ name }: FoundAlias): string =>
  isWord(name)
    ? `\`*${name}\` repeats the value that \`&${name}\` marks, but there is no \`&${name}\` before it`
    : '`*` in front of a text means another place of the file, which is not there';

function strayHint({ name, isMerge }: FoundAlias, source: Source): string {
  const anchors: string[] = [];
  visit(source.document, { Node: (_, node) => void ('anchor' in node && node.anchor && anchors.push(node.anchor)) });
  const near = suggest(
    name,
    anchors.filter((anchor) => anchor !== name),
  );
  if (near !== undefined && isWord(name)) return `did you mean \`*${near}\`?`;
  const mark = `write \`&${name}\` in front of the ${isMerge ? 'map' : 'value'} to repeat, further up in the file`;
  if (isMerge) return mark;
  return isWord(name) ? `${mark}; if it is a text, put it in quotes` : 'put the value in quotes';
}

/** Whether a name is like those that people give to anchors, and not the rest of a text such as `*.example`. */
const isWord = (name: string): boolean => /^\w[\w-]*$/.test(name);

function reportTag(source: Source, warning: YAMLError, text: string, report: Report): void {
  const [start, end] = warning.pos;
  report.add('config/yaml-tag', { tag: text.slice(start, end) }, { at: source.span(start, end) });
}
