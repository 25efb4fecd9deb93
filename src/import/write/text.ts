/** Writes settings as YAML that a person would have written: short lists in one line, comments where they belong. */
import { Document, Pair, Scalar, YAMLMap, YAMLSeq, isCollection, type Node } from 'yaml';
import type { Note } from '../input/tree.ts';
import { Leaf, type Out, OutList, OutMap } from './out.ts';

/** Comments for programs that read the old file. */
const FOR_PROGRAMS = /^\s*yaml-language-server:/;
const WIDTH = 100;

/**
 * @param head comment at the head of the file; empty for none
 * @param told comments at maps and lists that stand in a file already; those that this file has are added
 */
export function textOf(root: OutMap, head: string, told = new Set<Note>()): string {
  const contents = new Writer(told).mapOf(root);
  const document = new Document(contents);
  const comment = commentOf(head);
  if (comment !== undefined) document.commentBefore = comment;
  spread(contents);
  return document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false });
}

class Writer {
  readonly #told: Set<Note>;

  constructor(told: Set<Note>) {
    this.#told = told;
  }

  #nodeOf(out: Out): Node {
    if (out instanceof Leaf) return scalarOf(out);
    return out instanceof OutList ? this.#listOf(out) : this.mapOf(out);
  }

  #listOf(list: OutList): YAMLSeq {
    const seq = new YAMLSeq();
    seq.items = list.items.map((item) => {
      const above = this.#above(item);
      const node = this.#nodeOf(item);
      if (above !== undefined) node.commentBefore = above;
      return node;
    });
    seq.flow = isShort(seq, list.items.map(plainText));
    return seq;
  }

  mapOf(map: OutMap): YAMLMap {
    const result = new YAMLMap();
    for (const [key, value] of map.entries) {
      const name = new Scalar(key);
      const above = this.#above(value);
      if (above !== undefined) name.commentBefore = above;
      result.items.push(new Pair(name, this.#nodeOf(value)));
    }
    return result;
  }

  /** The comments above a value: those about all that it holds, its own, and coldstart's. */
  #above(out: Out): string | undefined {
    const around = notesAround(out).filter((note) => !this.#told.has(note));
    const { note = undefined, before } = out.from?.tree ?? {};
    const isTold = note !== undefined && this.#told.has(note);
    for (const one of [...around, ...(note ? [note] : [])]) this.#told.add(one);
    const own = out instanceof Leaf ? before : isTold ? undefined : (note?.text ?? before);
    const texts = [...around.map(({ text }) => text), own, out.note].map(commentOf);
    return texts.filter((text) => text !== undefined).join('\n') || undefined;
  }
}

/** The comments at maps and lists of the input that hold all of a value. */
function notesAround(out: Out): readonly Note[] {
  if (out.from) return out.from.around;
  const inner = out instanceof OutList ? out.items : out instanceof OutMap ? [...out.entries.values()] : [];
  const [first, ...others] = inner.map(notesAround);
  return (first ?? []).filter((note) => others.every((other) => other.includes(note)));
}

function scalarOf({ value, from }: Leaf): Scalar {
  const scalar = new Scalar(value);
  if (typeof value === 'string' && value.includes('\n')) scalar.type = Scalar.BLOCK_LITERAL;
  // Versions and modes look like numbers, and MACs of digits like sexagesimal ones.
  else if (typeof value === 'string' && /^(\d+(\.\d+){1,2}|0\d+|[\da-fA-F]{2}(:[\da-fA-F]{2}){5})$/.test(value))
    scalar.type = Scalar.QUOTE_SINGLE;
  const behind = commentOf(from?.comments.behind);
  if (behind !== undefined && !behind.includes('\n')) scalar.comment = behind;
  return scalar;
}

const plainText = (out: Out): string => (out instanceof Leaf ? `${out.value}, ` : '\n');

/** Whether a list fits into one line: plain values without comments. */
function isShort(list: YAMLSeq, texts: readonly string[]): boolean {
  const hasComment = list.items.some((item) => hasComments(item as Node));
  const text = texts.join('');
  return !hasComment && !text.includes('\n') && text.length < WIDTH - 20;
}

const hasComments = (node: Node): boolean =>
  Boolean(node.commentBefore) || Boolean(node.comment) || (isCollection(node) && node.items.length === 0);

/** A comment without lines for programs; without a blank line at its start or end. */
function commentOf(text: string | undefined): string | undefined {
  const lines = (text ?? '').split('\n').filter((line) => !FOR_PROGRAMS.test(line));
  const kept = lines.join('\n').replace(/^\n+|\n+$/g, '').replace(/\n{2,}/g, '\n\n'); // prettier-ignore
  if (kept.trim() === '') return undefined;
  return kept.split('\n').map((line) => (line === '' || line.startsWith(' ') || line.startsWith('#') ? line : ` ${line}`)).join('\n'); // prettier-ignore
}

/** Blank lines between the groups of the top level, and between the nodes that have comments. */
function spread(root: YAMLMap): void {
  root.items.slice(1).forEach(({ key }) => ((key as Scalar).spaceBefore = true));
}
