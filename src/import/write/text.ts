/** Writes settings as YAML that a person would have written: short lists in one line, comments where they belong. */
import { Document, Pair, Scalar, YAMLMap, YAMLSeq, isCollection, type Node } from 'yaml';
import type { OutMap } from './out.ts';
import { Leaf, type Out, OutList } from './out.ts';

/** Comments for programs that read the old file. */
const FOR_PROGRAMS = /^\s*yaml-language-server:/;
const WIDTH = 100;

/** @param head comment at the head of the file; empty for none */
export function textOf(root: OutMap, head: string): string {
  const contents = mapOf(root);
  const document = new Document(contents);
  const comment = commentOf(head);
  if (comment !== undefined) document.commentBefore = comment;
  spread(contents);
  return document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false });
}

function nodeOf(out: Out): Node {
  if (out instanceof Leaf) return scalarOf(out);
  return out instanceof OutList ? listOf(out) : mapOf(out);
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

function listOf(list: OutList): YAMLSeq {
  const seq = new YAMLSeq();
  seq.items = list.items.map((item) => {
    const node = nodeOf(item);
    const above = above_(item);
    if (above !== undefined) node.commentBefore = above;
    return node;
  });
  seq.flow = isShort(seq, list.items.map(plainText));
  return seq;
}

function mapOf(map: OutMap): YAMLMap {
  const result = new YAMLMap();
  for (const [key, value] of map.entries) {
    const name = new Scalar(key);
    const above = above_(value);
    if (above !== undefined) name.commentBefore = above;
    result.items.push(new Pair(name, nodeOf(value)));
  }
  return result;
}

const plainText = (out: Out): string => (out instanceof Leaf ? `${out.value}, ` : '\n');

/** Whether a list fits into one line: plain values without comments. */
function isShort(list: YAMLSeq, texts: readonly string[]): boolean {
  const hasComment = list.items.some((item) => hasComments(item as Node));
  const text = texts.join('');
  return !hasComment && texts.length > 0 && !text.includes('\n') && text.length < WIDTH - 20;
}

const hasComments = (node: Node): boolean =>
  Boolean(node.commentBefore) || Boolean(node.comment) || (isCollection(node) && node.items.length === 0);

function above_(out: Out): string | undefined {
  const note = out.note === undefined ? undefined : ` ${out.note}`;
  const above = commentOf(out.from?.comments.before);
  return [above, note].filter((text) => text !== undefined).join('\n') || undefined;
}

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
