/** Reads TOML as a tree, with places and comments. */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { Path } from '../../diagnostics/path.ts';
import { type InputFile, NotReadable, type Note, type Range, type Tree, inside, noteOf } from './tree.ts';

type Step = string | number;

/** A tree while it grows: tables may be continued further down. */
interface Growing {
  readonly children: globalThis.Map<Step, Growing>;
  isList: boolean;
  value?: AST.TOMLContentNode;
  range: Range;
  before?: string | undefined;
  behind?: string | undefined;
}

/** @throws NotReadable */
export function readTomlTree(file: InputFile): Tree {
  const root = growing([0, 1]);
  try {
    const { body, comments } = parseTOML(file.text);
    const [table] = body;
    const notes = new Comments(file.text, comments);
    for (const node of table.body) {
      if (node.type === 'TOMLKeyValue') put(root, [], node, notes);
      else {
        const place = at(root, node.resolvedKey, node.key.range);
        place.before ??= notes.above(node.range[0]);
        node.body.forEach((pair) => put(place, [], pair, notes));
      }
    }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new NotReadable(error.message.toLowerCase(), [error.index, error.index + 1]);
  }
  return grown(root, file, []);
}

const growing = (range: Range): Growing => ({ children: new globalThis.Map<Step, Growing>(), isList: false, range });

function at(root: Growing, path: readonly Step[], range: Range): Growing {
  return path.reduce<Growing>((parent, step) => {
    if (typeof step === 'number') parent.isList = true;
    const known = parent.children.get(step) ?? growing(range);
    parent.children.set(step, known);
    return known;
  }, root);
}

function put(root: Growing, path: readonly Step[], pair: AST.TOMLKeyValue, notes: Comments): void {
  const keys = pair.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
  const place = at(root, [...path, ...keys], pair.key.range);
  place.before = notes.above(pair.range[0]);
  place.behind = notes.behind(pair.range[1]);
  putValue(place, pair.value, pair.key.range, notes);
}

function putValue(place: Growing, value: AST.TOMLContentNode, key: Range, notes: Comments): void {
  if (value.type === 'TOMLInlineTable') value.body.forEach((pair) => put(place, [], pair, notes));
  else if (value.type === 'TOMLArray') {
    place.isList = true;
    value.elements.forEach((element, index) =>
      putValue(at(place, [index], element.range), element, element.range, notes),
    );
  } else {
    place.value = value;
    place.range = value.loc.start.line === value.loc.end.line ? value.range : key;
  }
}

function grown(place: Growing, file: InputFile, path: Path, around: readonly Note[] = []): Tree {
  const { children, isList, value, range, before, behind } = place;
  const note = noteOf(before, behind);
  const common = { file, path, range, before, behind, around };
  if (value) return { ...common, kind: 'scalar', ...scalarOf(value, file.text) };
  const inner = [...children].map(([key, child]) => ({
    key: String(key),
    tree: grown(child, file, [...path, key], inside(around, note)),
  }));
  return isList
    ? { ...common, note, kind: 'list', items: inner.map(({ tree }) => tree) }
    : { ...common, note, kind: 'map', entries: inner };
}

function scalarOf(value: AST.TOMLContentNode, text: string) {
  const source = text.slice(...value.range);
  const plain = 'value' in value ? value.value : source;
  return {
    source,
    value: typeof plain === 'string' || typeof plain === 'boolean' ? plain : typeof plain === 'number' ? plain : source,
  };
}

class Comments {
  readonly #text: string;
  readonly #lines: ReadonlyMap<number, AST.Comment>;

  constructor(text: string, comments: readonly AST.Comment[]) {
    this.#text = text;
    this.#lines = new globalThis.Map(comments.map((comment) => [comment.loc.start.line, comment]));
  }

  /** The comment lines directly above a place. */
  above(start: number): string | undefined {
    const found: string[] = [];
    for (let line = this.#lineOf(start) - 1; ; line--) {
      const comment = this.#lines.get(line);
      const isAlone = comment && this.#text.slice(this.#text.lastIndexOf('\n', comment.range[0] - 1) + 1, comment.range[0]).trim() === ''; // prettier-ignore
      if (!isAlone) break;
      found.unshift(comment.value);
    }
    return found.join('\n') || undefined;
  }

  behind(end: number): string | undefined {
    const comment = this.#lines.get(this.#lineOf(end));
    return comment && comment.range[0] >= end ? comment.value : undefined;
  }

  #lineOf(offset: number): number {
    return this.#text.slice(0, offset).split('\n').length;
  }
}
