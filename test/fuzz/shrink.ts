/**
 * Makes a failing definition small: removes files, then parts of the YAML, then lines, while it fails in the same way.
 */
import { isCollection, parseDocument, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Definition } from './definition.ts';

/** @param fails whether a definition still fails in the same way */
export async function shrink(
  definition: Definition,
  fails: (smaller: Definition) => Promise<boolean>,
  tries = 400,
): Promise<Definition> {
  let [smallest, left] = [definition, tries];
  for (let progress = true; progress && left > 0;) {
    progress = false;
    for (const smaller of smallerOnes(smallest)) {
      if (left-- <= 0) break;
      if (!(await fails(smaller))) continue;
      [smallest, progress] = [smaller, true];
      break;
    }
  }
  return smallest;
}

/** The largest steps first. */
function* smallerOnes(definition: Definition): Generator<Definition> {
  for (const path of definition.keys()) {
    if (path !== 'cluster.yaml') yield new Map([...definition].filter(([other]) => other !== path));
  }
  for (const [path, text] of definition) {
    for (const shorter of [...withoutPart(text), ...withoutLines(text)]) yield new Map(definition).set(path, shorter);
  }
}

/** The text without one entry of a list or map, each in turn. */
function* withoutPart(text: string): Generator<string> {
  const count = collectionsIn(text).reduce((sum, { items }) => sum + items.length, 0);
  for (let part = 0; part < count; part++) {
    const document = parseDocument(text, { logLevel: 'silent' });
    let index = part;
    for (const { items } of collections(document)) {
      if (index < items.length) {
        items.splice(index, 1);
        break;
      }
      index -= items.length;
    }
    yield document.toString({ lineWidth: 0 });
  }
}

function collectionsIn(text: string) {
  const document = parseDocument(text, { logLevel: 'silent' });
  return document.errors.length > 0 || !isCollection(document.contents) ? [] : collections(document);
}

function collections(document: ReturnType<typeof parseDocument>): (YAMLMap | YAMLSeq)[] {
  const found: (YAMLMap | YAMLSeq)[] = [];
  visit(document, { Collection: (_, node) => void found.push(node) });
  return found;
}

/** The text without a run of lines: halves first, then ever fewer. */
function* withoutLines(text: string): Generator<string> {
  const lines = text.split('\n');
  for (let run = Math.floor(lines.length / 2); run >= 1; run = Math.floor(run / 2)) {
    for (let first = 0; first < lines.length; first += run) yield lines.toSpliced(first, run).join('\n');
  }
}
