/**
 * A file of another tool as a tree of values with their places and comments, the same for YAML, TOML and key files. Readers see it
 * through {@link Field}, which records what became of each value.
 */
import type { Location } from '../../diagnostics/diagnostic.ts';
import { type Path, formatPath } from '../../diagnostics/path.ts';

/** Offsets into the text of a file; the end is exclusive. */
export type Range = readonly [start: number, end: number];

/** A fault of the text that stops its reading. */
export class NotReadable extends Error {
  override readonly name = 'NotReadable';
  readonly range: Range;

  constructor(reason: string, range: Range) {
    super(reason);
    this.range = range;
  }
}

export interface InputFile {
  /** As the user would type it, relative to the folder of the input. */
  readonly name: string;
  readonly text: string;
}

/** A comment at a map, a list or a document: it is about the values inside. */
export interface Note {
  readonly text: string;
}

interface Common {
  readonly file: InputFile;
  readonly path: Path;
  /** The value's range, or its key's if the value has several lines. */
  readonly range: Range;
  /** Comment lines above the value, without `#`. */
  readonly before?: string | undefined;
  /** The comment behind the value on its line, without `#`. */
  readonly behind?: string | undefined;
  /** The own comments of a map or a list, as one. */
  readonly note?: Note | undefined;
  /** Those of the maps and lists around, the outermost first. */
  readonly around?: readonly Note[] | undefined;
}

export interface Scalar extends Common {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it is written, e.g. `1.30` for the number 1.3. */
  readonly source: string;
  /** Where each line of the text stands in the file; undefined if its lines are not lines of the file. */
  readonly lines?: ((line: number, column: number) => number) | undefined;
}

export interface Map extends Common {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: string; readonly tree: Tree }[];
}

interface List extends Common {
  readonly kind: 'list';
  readonly items: readonly Tree[];
}

export type Tree = Scalar | Map | List;

/** A note of comments; undefined if there are none. */
export function noteOf(...comments: readonly (string | null | undefined)[]): Note | undefined {
  const text = comments.filter((one) => one !== null && one !== undefined && one !== '').join('\n');
  return text === '' ? undefined : { text };
}

/** The notes around the values inside of something. */
export const inside = (around: readonly Note[], note: Note | undefined): readonly Note[] =>
  note ? [...around, note] : around;

/** The place of a value, as diagnostics show it. */
export function placeOf({ file, path, range }: Tree): Location {
  return locate(file, range, formatPath(path));
}

/** The place of a range, at most to the end of its first line. */
export function locate({ name, text }: InputFile, [start, end]: Range, path = ''): Location {
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = text.indexOf('\n', start);
  const shown = text.slice(start, Math.min(end, lineEnd === -1 ? text.length : lineEnd)).trimEnd();
  const line = before.split('\n').length;
  return { file: name, line, column: start - lineStart + 1, length: Math.max(1, shown.length), path };
}

/** All values without values in them: scalars, empty maps and empty lists. */
export function leavesOf(tree: Tree): readonly Tree[] {
  const inner = childrenOf(tree);
  return inner.length === 0 ? [tree] : inner.flatMap(leavesOf);
}

export function childrenOf(tree: Tree): readonly Tree[] {
  if (tree.kind === 'map') return tree.entries.map((entry) => entry.tree);
  return tree.kind === 'list' ? tree.items : [];
}

/** The plain value of a tree. */
export function plain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plain);
  return Object.fromEntries(tree.entries.map((entry) => [entry.key, plain(entry.tree)]));
}
