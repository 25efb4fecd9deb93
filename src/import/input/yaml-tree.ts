/** Reads YAML into trees: one for each document. Aliases and merge keys are unfolded, each use with a place of its own. */
import { type Document, type Node, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Path } from '../../diagnostics/path.ts';
import { type InputFile, type Map, NotReadable, type Range, type Scalar, type Tree } from './tree.ts';

interface Origin {
  readonly file: InputFile;
  /** Where a place of the text stands in the file. */
  readonly at: (range: Range) => Range;
  readonly path: Path;
}

/** More values than any cluster has; more come from aliases of aliases. */
const MOST_VALUES = 200_000;

/** The documents of a file. @throws NotReadable */
export function readYamlTrees(file: InputFile): readonly Tree[] {
  return readDocuments(file.text, { file, at: (range) => range, path: [] });
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
  return readDocuments(text, { file: scalar.file, at, path: scalar.path });
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
    const tree = this.#tree(document.contents, undefined, this.#origin.path, []);
    const above = document.commentBefore ?? undefined;
    return above === undefined ? tree : { ...tree, before: joined(above, tree.before) };
  }

  #tree(written: unknown, key: Node | undefined, path: Path, open: readonly unknown[]): Tree {
    const node = isAlias(written) && this.#document ? written.resolve(this.#document) : written;
    if (++this.#values > MOST_VALUES || open.includes(node))
      throw new NotReadable('its aliases expand too far', [0, 1]);
    const inner = [...open, node];
    const shown = isAlias(written) ? written : node;
    const common = {
      file: this.#origin.file,
      path,
      range: this.#range(shown, key),
      before: joined(key?.commentBefore, isCollection(node) ? undefined : commentAbove(node)),
      behind: (isScalar(node) ? node.comment : (key as { comment?: string } | undefined)?.comment) ?? undefined,
    };
    if (isSeq(node)) {
      const items = node.items.map((item, index) =>
        this.#item(item, [...path, index], inner, index === 0 ? node : undefined),
      );
      return { ...common, kind: 'list', items };
    }
    if (isMap(node)) return { ...common, kind: 'map', entries: this.#entries(node.items, path, inner, node) };
    return { ...common, kind: 'scalar', ...this.#scalar(node) };
  }

  #item(item: unknown, path: Path, open: readonly unknown[], list: Node | undefined): Tree {
    const tree = this.#tree(item, undefined, path, open);
    const own = isMap(item) ? joined(commentAbove(item), undefined) : undefined;
    return { ...tree, before: joined(list ? commentAbove(list) : undefined, joined(own, tree.before)) };
  }

  #entries(pairs: readonly unknown[], path: Path, open: readonly unknown[], map: Node): Map['entries'] {
    const found = new globalThis.Map<string, Tree>();
    const merged = new globalThis.Map<string, Tree>();
    (pairs as { key: unknown; value: unknown }[]).forEach(({ key, value }, index) => {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : String(key);
      const node = key as Node;
      if (name === '<<') {
        const given = this.#tree(value, node, path, open);
        for (const one of given.kind === 'list' ? given.items : [given])
          if (one.kind === 'map')
            one.entries.forEach(({ key: inner, tree }) => merged.has(inner) || merged.set(inner, tree));
        return;
      }
      const tree = this.#tree(value, node, [...path, name], open);
      const above = index === 0 && typeof path.at(-1) !== 'number' ? commentAbove(map) : undefined;
      found.set(name, { ...tree, before: joined(above, tree.before) });
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

const isCollection = (node: unknown): boolean => isMap(node) || isSeq(node);
const commentAbove = (node: unknown): string | undefined =>
  (node as { commentBefore?: string | null } | undefined)?.commentBefore ?? undefined;

const joined = (first: string | null | undefined, second: string | null | undefined): string | undefined =>
  [first, second].filter((text) => text !== null && text !== undefined).join('\n') || undefined;

function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
