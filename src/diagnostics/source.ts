/**
 * A YAML file of the user as text, document and lines. Turns paths of settings into places, and places into frames. Every path
 * has a place: if a step is missing, it is the place of the deepest existing step.
 */
import { type Document, LineCounter, type Node, type Pair, type YAMLMap } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import type { Location } from './diagnostic.ts';
import { type FrameOf, createFrames } from './frame.ts';
import { type Path, formatPath } from './path.ts';
import { secretSpans } from './secrets.ts';

export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly frame: FrameOf;
  /** The value's place, or its key's if the value spans several lines. `depth` is the number of existing steps. */
  readonly locate: (path: Path) => Located;
  /** The place of the key itself. */
  readonly locateKey: (path: Path) => Located;
  /** The place of a line in a text value, counted from 1; the place of the value if its lines are not lines of the file. */
  readonly locateLine: (path: Path, line: number) => Located;
  /** The place between two offsets of the file, at most to the end of the first line. */
  readonly span: (start: number, end: number, path?: string) => Location;
  /** Whether the value at a path is secret. */
  readonly isSecret: (path: Path) => boolean;
  /** The value at a path as the user wrote it, e.g. `1.30`; undefined unless it is a scalar. */
  readonly written: (path: Path) => string | undefined;
}

export interface Located {
  readonly at: Location;
  readonly depth: number;
}

/** Parses YAML 1.2 with merge keys; `document.errors` has the syntax errors. @throws RangeError for excessive nesting */
export function createSource(file: string, text: string): Source {
  const lines = new LineCounter();
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: true,
    merge: true,
    strict: true,
  };
  const document = parseDocument(text, options) as Document;
  const secrets = secretSpans(document, text);
  const span = (start: number, end: number, path = ''): Location => {
    const { line, col } = lines.linePos(Math.min(start, text.length));
    const lineEnd = text.indexOf('\n', start);
    const last = Math.min(end, lineEnd === -1 ? text.length : lineEnd);
    const length = text.slice(start, last).trimEnd().length;
    return { file, line, column: col, length: Math.max(1, length), path };
  };
  const locate = (path: Path, part: 'key' | 'value'): Located => {
    const { node, key, depth } = walk(document, path);
    const [start, end] = (part === 'key' && key?.range) || bestRange(node, key) || [0, 0];
    return { at: span(start, end, formatPath(path.slice(0, depth))), depth };
  };
  const locateLine = (path: Path, line: number): Located => {
    const { node, depth } = walk(document, path);
    const [start, end] = (depth === path.length && lineRange(node, line, text, lines)) || [];
    return start === undefined ? locate(path, 'value') : { at: span(start, end ?? start, formatPath(path)), depth };
  };
  return {
    file,
    document,
    span,
    locateLine,
    frame: createFrames(text, secrets),
    locate: (path) => locate(path, 'value'),
    locateKey: (path) => locate(path, 'key'),
    isSecret: (path) => {
      const { node, depth } = walk(document, path);
      const range = isNode(node) && depth === path.length ? node.range : undefined;
      return !!range && secrets.some(({ start, end }) => start < range[1] && end > range[0]);
    },
    written: (path) => {
      const { node, depth } = walk(document, path);
      return isScalar(node) && depth === path.length ? node.source : undefined;
    },
  };
}

type Range = readonly [number, number];

/** One line of a block text without its indentation; undefined if the lines of the value are not lines of the file. */
function lineRange(node: unknown, line: number, text: string, lines: LineCounter): Range | undefined {
  if (!isScalar(node) || node.type !== 'BLOCK_LITERAL' || !node.range) return undefined;
  const start = lines.lineStarts[lines.linePos(node.range[0]).line + line - 1];
  if (start === undefined || start >= node.range[1]) return undefined;
  const end = text.indexOf('\n', start);
  return [start + text.slice(start).search(/[^ ]/), end === -1 ? text.length : end];
}

interface Found {
  readonly node: unknown;
  /** The node's key, if its parent is a map. */
  readonly key: Node | undefined;
  readonly depth: number;
}

function walk(document: Document, path: Path): Found {
  let found: Found = { node: document.contents, key: undefined, depth: 0 };
  for (const step of path) {
    const next = child(document, found.node, step);
    if (!next) return found;
    found = { node: resolve(document, next.value) ?? next.value, key: next.key, depth: found.depth + 1 };
  }
  return found;
}

function child(document: Document, node: unknown, step: string | number): { value: unknown; key?: Node } | undefined {
  if (isSeq(node))
    return typeof step === 'number' && node.items[step] !== undefined ? { value: node.items[step] } : undefined;
  if (!isMap(node)) return undefined;
  const pair = pairOf(node, String(step));
  if (pair) return { value: pair.value, ...(isNode(pair.key) ? { key: pair.key } : {}) };
  const merged = resolve(document, pairOf(node, '<<')?.value);
  const maps = isSeq(merged) ? merged.items.map((item) => resolve(document, item)) : [merged];
  return maps.map((map) => child(document, map, step)).find((found) => found !== undefined);
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  // A merge key is parsed into a Scalar with a symbol as its value, but keeps its source.
  // If a key occurs twice, the last one counts, as for the values.
  return map.items.findLast((pair) => isScalar(pair.key) && (pair.key.value === key || pair.key.source === key));
}

const resolve = (document: Document, node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

/** The range of a scalar; for a map or list the range of its key, or else of its first element. */
function bestRange(node: unknown, key: Node | undefined): Range | undefined {
  if (isScalar(node) && node.range && node.range[1] > node.range[0]) return [node.range[0], node.range[1]];
  if (key?.range) return [key.range[0], key.range[1]];
  if (isMap(node) && isScalar(node.items[0]?.key)) return bestRange(node.items[0].key, undefined);
  if (isSeq(node) && isNode(node.items[0])) return bestRange(node.items[0], undefined);
  return isNode(node) && node.range ? [node.range[0], node.range[1]] : undefined;
}
