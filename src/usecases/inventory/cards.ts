/** The network cards of a machine in the file of its node: those with a permanent MAC by it, others by a `match`. */
import { Leaf, listOf, OutList, OutMap } from '../../import/write/out.ts';
import type { NicFacts } from './facts.ts';
import { oneLine } from './one-line.ts';

interface CardSettings {
  readonly macs: OutList;
  /** An interface for the first card, where no card has a permanent MAC. */
  readonly interfaces: OutList | undefined;
}

/** Cards with a link first: without `interfaces`, the first one gets the node's address. */
export function cardSettings(nics: readonly NicFacts[]): CardSettings {
  const cards = nics.toSorted((a, b) => Number(b.link) - Number(a.link));
  const known = cards.filter(({ permanent }) => permanent);
  const others = cards.filter(({ permanent }) => !permanent);
  const [first] = known.length === 0 ? others : [];
  const lines = others.map((one) => `  ${matchText(one)}  ${cardText(one)}`);
  const note = ['These cards get another MAC at each start. In `network.interfaces`, find them by:', ...lines].join('\n '); // prettier-ignore
  const macs = known.map((one) => new Leaf(one.mac.toLowerCase(), undefined, cardText(one)));
  return {
    macs: new OutList(macs, undefined, others.length === 0 || first ? undefined : note),
    interfaces: first && listOf([interfaceOf(first)]),
  };
}

function interfaceOf(card: NicFacts): OutMap {
  const made = new OutMap({ name: new Leaf('lan'), match: new OutMap({ [keyOf(card)]: new Leaf(patternOf(card)) }) });
  made.note = `${cardText(card)}. It gets another MAC at each start. Add \`addresses\` or \`dhcp4\`.`;
  return made;
}

/** By its place in the machine; by udev's name where there is none, as in the short text of a QR code. */
const keyOf = ({ path }: NicFacts): 'path' | 'name' => (path === '' ? 'name' : 'path');
const patternOf = (card: NicFacts): string => card[keyOf(card)];
const matchText = (card: NicFacts): string => `match: { ${keyOf(card)}: '${oneLine(patternOf(card))}' }`;

function cardText({ name, driver, link, speed, neighbour }: NicFacts): string {
  const state = link ? `link${speed ? `, ${speed} Mbit/s` : ''}` : 'no link';
  const other = neighbour ? `; at ${[neighbour.system, neighbour.port].filter((text) => text !== '').join(' port ')}` : ''; // prettier-ignore
  return oneLine(`${name || 'card'}${driver === '' ? '' : ` (${driver})`}: ${state}${other}`);
}
