/** Reads YAML into trees: one for each document. Aliases and merge keys are unfolded, each use with a place of its own. */
import { type Document, type Node, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Path } from '../../diagnostics/path.ts';
import {
  type InputFile,
  type Map,
  NotReadable,
  type Note,
  type Range,
  type Scalar,
  type Tree,
  inside,
  noteOf,
} from './tree.ts';

interface Origin {
  readonly file: InputFile;
  /** Where a place of the text stands in the file. */
  readonly at: (range: Range) => Range;
  readonly path: Path;
  readonly around: readonly Note[];
}

/** More values than any cluster has; more come from aliases of aliases. */
const MOST_VALUES = 200_000;

/** The documents of a file. @throws NotReadable */
export function readYamlTrees(file: InputFile): readonly Tree[] {
  return readDocuments(file.text, { file, at: (range) => range, path: [], around: [] });
}

/** The documents in a text value, e.g. a patch in a block of text. Places are those in the file. @throws NotReadable */
export function readNestedTrees(scalar: Scalar): readonly Tree[] {
  const text = String(scalar.value);
  const { lines } = scalar;
  const starts = lineStarts(text);
  const inFile = (offset: number): number => {
    const line = starts.findLastIndex((start) => start <= offset);
    return lines?.(line, offset - (starts[line] ?? 0)) ?? scalar.range[0];
  };
  const at = ([start, end]: Range): Range => (lines ? [inFile(start), inFile(end)] : scalar.range);
  const around = inside(scalar.around ?? [], noteOf(scalar.before, scalar.behind));
  return readDocuments(text, { file: scalar.file, at, path: scalar.path, around });
}

function readDocuments(text: string, origin: Origin): readonly Tree[] {
  const documents = parseAllDocuments(text, {
    ...{ merge: true, prettyErrors: false, uniqueKeys: false, logLevel: 'silent', stringKeys: true },
  });
  if (!Array.isArray(documents)) return [];
  const read = new Reader(text, origin);
  return (documents as Document[]).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new NotReadable(sentence(error.message), origin.at(error.pos));
    return document.contents === null ? [] : [read.document(document)];
  });
}

const sentence = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1).replace(/[.:]$/, '');

class Reader {
  readonly #text: string;
  readonly #origin: Origin;
  #values = 0;
  #document: Document | undefined;

  constructor(text: string, origin: Origin) {
    this.#text = text;
    this.#origin = origin;
  }

  document(document: Document): Tree {
    this.#document = document;
    const { contents } = document;
    const [first] = isMap(contents) ? contents.items : [];
    // A comment right above the first key of a document is about the document.
    const above = [document, contents, first?.key].map(takeComment).reduce(joined);
    const note = noteOf(above);
    const tree = this.#tree(contents, undefined, this.#origin.path, [], inside(this.#origin.around, note));
    return note === undefined ? tree : { ...tree, before: joined(above, tree.before), note };
  }

  #tree(
    written: unknown,
    key: Node | undefined,
    path: Path,
    open: readonly unknown[],
    around: readonly Note[],
    own?: string,
  ): Tree {
    const node = isAlias(written) && this.#document ? written.resolve(this.#document) : written;
    if (++this.#values > MOST_VALUES || open.includes(node))
      throw new NotReadable('its aliases expand too far', [0, 1]);
    const inner = [...open, node];
    const shown = isAlias(written) ? written : node;
    const common = {
      file: this.#origin.file,
      path,
      range: this.#range(shown, key),
      before: joined(own, joined(key?.commentBefore, isCollection(node) ? undefined : commentAbove(node))),
      behind: (isScalar(node) || isFlow(node) ? node.comment : (key as { comment?: string } | undefined)?.comment) ?? undefined, // prettier-ignore
      around,
    };
    const note = noteOf(common.before, common.behind);
    if (isSeq(node)) {
      const within = inside(around, note);
      const items = node.items.map((item, index) =>
        this.#item(item, [...path, index], inner, index === 0 ? node : undefined, within),
      );
      return { ...common, note, kind: 'list', items };
    }
    if (isMap(node))
      return { ...common, note, kind: 'map', entries: this.#entries(node.items, path, inner, node, inside(around, note)) }; // prettier-ignore
    return { ...common, kind: 'scalar', ...this.#scalar(node) };
  }

  #item(item: unknown, path: Path, open: readonly unknown[], list: Node | undefined, around: readonly Note[]): Tree {
    const own = joined(list ? commentAbove(list) : undefined, isMap(item) ? commentAbove(item) : undefined);
    return this.#tree(item, undefined, path, open, around, own);
  }

  #entries(
    pairs: readonly unknown[],
    path: Path,
    open: readonly unknown[],
    map: Node,
    around: readonly Note[],
  ): Map['entries'] {
    const found = new globalThis.Map<string, Tree>();
    const merged = new globalThis.Map<string, Tree>();
    (pairs as { key: unknown; value: unknown }[]).forEach(({ key, value }, index) => {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : String(key);
      const node = key as Node;
      if (name === '<<') {
        const given = this.#tree(value, node, path, open, around);
        for (const one of given.kind === 'list' ? given.items : [given])
          if (one.kind === 'map')
            one.entries.forEach(({ key: inner, tree }) => merged.has(inner) || merged.set(inner, tree));
        return;
      }
      const above = index === 0 && typeof path.at(-1) !== 'number' ? commentAbove(map) : undefined;
      found.set(name, this.#tree(value, node, [...path, name], open, around, above));
    });
    const inherited = [...merged].filter(([key]) => !found.has(key));
    return [...inherited, ...found].map(([key, tree]) => ({ key, tree }));
  }

  #scalar(node: unknown): Pick<Scalar, 'value' | 'source' | 'lines'> {
    if (!isScalar(node)) return { value: null, source: '' };
    const { value, source } = node;
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const text = known ? value : value === null || value === undefined ? null : (source ?? '');
    return { value: text, source: source ?? (text === null ? '' : String(text)), lines: this.#lines(node) };
  }

  /** The lines of a literal block are lines of the file, moved to the right. */
  #lines(node: { type?: unknown; range?: readonly [number, number, number] | null }): Scalar['lines'] {
    if (node.type !== 'BLOCK_LITERAL' || !node.range) return undefined;
    const first = this.#text.indexOf('\n', node.range[0]) + 1;
    const body = this.#text.slice(first, node.range[2]);
    const indent = /^(?:[ \t]*\n)*( *)/.exec(body)?.[1]?.length ?? 0;
    const starts = lineStarts(body);
    return (line, column) => {
      const offset = first + (starts[line] ?? body.length) + indent + column;
      return this.#origin.at([offset, offset])[0];
    };
  }

  #range(node: unknown, key: Node | undefined): Range {
    const own = (node as { range?: readonly [number, number, number] | null } | undefined)?.range;
    const isLine = own && !this.#text.slice(own[0], own[1]).trimEnd().includes('\n') && own[1] > own[0];
    const found = isLine ? own : (key?.range ?? own ?? [0, 0]);
    return this.#origin.at([found[0], found[1]]);
  }
}

const isFlow = (node: unknown): node is Node & { comment?: string | null } =>
  (isMap(node) || isSeq(node)) && node.flow === true;
const isCollection = (node: unknown): boolean => isMap(node) || isSeq(node);
const commentAbove = (node: unknown): string | undefined =>
  (node as { commentBefore?: string | null } | undefined)?.commentBefore ?? undefined;

/** Takes the comment away from where the parser found it. */
function takeComment(node: unknown): string | undefined {
  const comment = commentAbove(node);
  if (comment !== undefined) (node as { commentBefore?: string | null }).commentBefore = null;
  return comment;
}

const joined = (first: string | null | undefined, second: string | null | undefined): string | undefined =>
  [first, second].filter((text) => text !== null && text !== undefined).join('\n') || undefined;

function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
