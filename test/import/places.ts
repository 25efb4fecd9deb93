/** The places of values in texts of the formats. */
import { parseAllDocuments, visit, type Scalar } from 'yaml';

export interface Place {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly value: unknown;
}

/** All scalar values in YAML files, also in YAML inside of texts. */
export function placesIn(file: string, text: string): readonly Place[] {
  const found: Place[] = [];
  for (const document of parseAllDocuments(text)) {
    visit(document, {
      Scalar: (key, node: Scalar) => {
        if (key === 'key' || !node.range) return;
        const [start, end] = [node.range[0], node.range[1]];
        if (node.type === 'BLOCK_LITERAL') return void found.push(...placesInside(file, text, start, node));
        found.push({ file, start, end, ...positionOf(text, start), value: node.value });
      },
    });
  }
  return found;
}

/** The values of TOML and of key files: numbers and letters behind a `=`. */
export function placesInLines(file: string, text: string): readonly Place[] {
  return [...text.matchAll(/^\s*[\w-]+ *= *("?)([^"#\n]*[^"#\s])/gm)].map(({ index, 0: whole, 2: value = '' }) => {
    const start = index + whole.length - value.length;
    const quote = whole.at(-value.length - 1) === '"' ? 1 : 0;
    return { file, start, end: start + value.length, ...positionOf(text, start - quote), value };
  });
}

/** The values in a text that is YAML itself, e.g. a patch. */
function placesInside(file: string, text: string, start: number, node: Scalar): readonly Place[] {
  const inner = String(node.value);
  const offsetOf = innerOffsets(text, start, node);
  return offsetOf === undefined
    ? []
    : placesIn(file, inner).map((place) => {
        const at = offsetOf(place.start);
        return { ...place, start: at, end: at + place.end - place.start, ...positionOf(text, at) };
      });
}

/** Where a place of such a text stands in the file; undefined if it is no YAML. */
function innerOffsets(text: string, start: number, node: Scalar): ((offset: number) => number) | undefined {
  const first = text.indexOf('\n', start) + 1;
  const indent = /^ */.exec(text.slice(first))?.[0].length ?? 0;
  const inner = String(node.value);
  if (!/^\s*(- )?[\w.]+:/m.test(inner) || inner.includes(' = ')) return undefined;
  return (offset) => {
    const { line, column } = positionOf(inner, offset);
    const before = text
      .slice(first)
      .split('\n')
      .slice(0, line - 1);
    return first + before.join('\n').length + (before.length > 0 ? 1 : 0) + indent + column - 1;
  };
}

/** Where a further key can stand in a map, and how it is written there. */
export interface Gap {
  readonly at: number;
  readonly written: (key: string) => string;
}

/** A gap in each map of YAML files, also in YAML inside of texts. */
export function gapsIn(text: string): readonly Gap[] {
  const found: Gap[] = [];
  for (const document of parseAllDocuments(text)) {
    visit(document, {
      Map: (_, node) => {
        const [start] = (node.items[0]?.key as Scalar | undefined)?.range ?? [];
        if (start === undefined) return;
        const indent = ' '.repeat(positionOf(text, start).column - 1);
        found.push({ at: start, written: (key) => (node.flow === true ? `${key}, ` : `${key}\n${indent}`) });
      },
      Scalar: (key, node: Scalar) => {
        if (key === 'key' || node.type !== 'BLOCK_LITERAL' || !node.range) return;
        const [start] = node.range;
        const offsetOf = innerOffsets(text, start, node);
        for (const { at, written } of offsetOf ? gapsIn(String(node.value)) : []) {
          const there = offsetOf?.(at) ?? 0;
          const more = ' '.repeat(positionOf(text, there).column - positionOf(String(node.value), at).column);
          found.push({ at: there, written: (one) => written(one).replaceAll('\n', `\n${more}`) });
        }
      },
    });
  }
  return found;
}

export function positionOf(text: string, offset: number) {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
