/**
 * Makes a mutant of a definition: some changes of its YAML by structure (values, keys, order, size, parts of other
 * definitions) or by characters. The seed decides everything.
 */
import {
  isCollection,
  isMap,
  isSeq,
  Pair,
  parseDocument,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
  type Document,
  type Node,
} from 'yaml';
import { Random } from '../simulation/random.ts';
import type { Corpus, Definition } from './definition.ts';
import { CHARACTERS, VALUES } from './values.ts';

/** The same seed and corpus always give the same mutant. */
export function mutant(seed: number, corpus: Corpus): Definition {
  const random = new Random(seed);
  const definition = new Map(random.pick(random.chance(0.9) ? corpus.sound : corpus.faulty));
  for (let changes = random.pick([1, 1, 1, 2, 4]); changes > 0; changes--) {
    const path = random.pick([...definition.keys()]);
    definition.set(path, change(definition.get(path) ?? '', random, corpus));
  }
  return definition;
}

function change(text: string, random: Random, corpus: Corpus): string {
  if (random.chance(0.2)) return changeCharacters(text, random);
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0 || !isCollection(document.contents)) return changeCharacters(text, random);
  try {
    random.pick(CHANGES)(document, random, corpus);
    return document.toString({ lineWidth: 0 });
  } catch {
    return changeCharacters(text, random); // some documents cannot be written, e.g. aliases before their anchors
  }
}

function changeCharacters(text: string, random: Random): string {
  const lines = text.split('\n');
  const [line, at] = [random.whole(0, lines.length - 1), random.whole(0, text.length)];
  const changes: readonly (() => string)[] = [
    () => text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at),
    () => text.slice(0, at) + text.slice(at + random.whole(1, 5)),
    () => lines.toSpliced(line, 1).join('\n'),
    () => lines.toSpliced(line, 0, lines[line] ?? '').join('\n'),
    () => lines.with(line, ` ${lines[line] ?? ''}`).join('\n'),
    () => text.replaceAll('\n', '\r\n'),
    () => text.slice(0, at),
    () => '',
  ];
  return random.pick(changes)();
}

type Change = (document: Document, random: Random, corpus: Corpus) => void;

const CHANGES: readonly Change[] = [
  (document, random) => void setValue(random.pick(pairsOf(document)), random.pick(VALUES)),
  (document, random) => void setValue(random.pick(pairsOf(document)), random.pick(VALUES)),
  (document, random) => void setItem(document, random, random.pick(VALUES)),
  ...[transplant, transplant, transplant, transplant],
  (document, random) => {
    const pair = random.pick(pairsOf(document));
    pair.key = new Scalar(misspelt(String(pair.key), random));
  },
  (document, random) => void randomMap(document, random)?.items.splice(0, 1),
  (document, random) => void randomItems(document, random)?.reverse(),
  (document, random) => {
    const items = randomItems(document, random);
    if (items && items.length > 0)
      items.push(...Array.from({ length: random.pick([1, 2, 50]) }, () => random.pick(items)));
  },
  (document, random) => void randomItems(document, random)?.pop(),
  (document, random) => {
    const pair = random.pick(pairsOf(document));
    const around = random.chance(0.5) ? new YAMLSeq() : new YAMLMap();
    around.items.push((isSeq(around) ? pair.value : new Pair(new Scalar('value'), pair.value)) as never);
    pair.value = around;
  },
];

function setValue(pair: Pair, value: string): void {
  pair.value = nodeOf(value);
}

function setItem(document: Document, random: Random, value: string): void {
  const items = randomItems(document, random);
  if (items && items.length > 0) items[random.whole(0, items.length - 1)] = nodeOf(value);
}

/** A setting gets the value that another definition has under the same key, or under any. */
function transplant(document: Document, random: Random, corpus: Corpus): void {
  const donor = parseDocument(
    random.pick([...random.pick(random.chance(0.5) ? corpus.sound : corpus.faulty).values()]),
    { logLevel: 'silent' },
  );
  if (donor.errors.length > 0 || !isCollection(donor.contents)) return;
  const pair = random.pick(pairsOf(document));
  const given = pairsOf(donor);
  const alike = given.filter(({ key }) => String(key) === String(pair.key));
  const from = random.pick(alike.length > 0 && random.chance(0.9) ? alike : given);
  // Chosen before, as a map inside of what is given would then hold itself.
  const beside = random.chance(0.3) ? randomMap(document, random) : undefined;
  pair.value = from.value;
  beside?.items.push(from);
}

function nodeOf(text: string): unknown {
  const { contents, errors } = parseDocument(text, { logLevel: 'silent' });
  return errors.length > 0 ? new Scalar(text) : contents;
}

function pairsOf(document: Document): Pair[] {
  const pairs: Pair[] = [];
  visit(document, { Pair: (_, pair) => void pairs.push(pair) });
  if (pairs.length === 0) throw new Error('nothing to change');
  return pairs;
}

function collections(document: Document): Node[] {
  const found: Node[] = [];
  visit(document, { Collection: (_, node) => void found.push(node) });
  return found;
}

function randomMap(document: Document, random: Random) {
  const maps = collections(document).filter((node) => isMap(node));
  return maps.length === 0 ? undefined : random.pick(maps);
}

function randomItems(document: Document, random: Random): unknown[] | undefined {
  const lists = collections(document).filter((node) => isSeq(node));
  return lists.length === 0 ? undefined : random.pick(lists).items;
}

function misspelt(key: string, random: Random): string {
  const at = random.whole(0, key.length);
  const changes = [
    key.slice(0, at) + key.slice(at + 1),
    key.slice(0, at) + random.pick(CHARACTERS) + key.slice(at),
    key.toUpperCase(),
    key.replaceAll('_', '-'),
    '__proto__',
    'constructor',
    'toString',
    '',
  ];
  return random.pick(changes);
}
