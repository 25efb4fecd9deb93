/** A definition before it is text: values with the places that their comments come from. */
import type { Field, Said } from '../input/field.ts';

interface Common {
  /** Its comments stand in the new file, too. */
  readonly from?: Field | undefined;
  /** A comment of coldstart above the value. */
  readonly note?: string | undefined;
}

export class Leaf implements Common {
  readonly value: string | number | boolean;
  readonly from: Field | undefined;
  readonly note: string | undefined;

  constructor(value: string | number | boolean, from?: Field, note?: string) {
    this.value = value;
    this.from = from;
    this.note = note;
  }
}

export class OutList implements Common {
  readonly items: readonly Out[];
  readonly from: Field | undefined;
  readonly note: string | undefined;

  constructor(items: readonly Out[], from?: Field, note?: string) {
    this.items = items;
    this.from = from;
    this.note = note;
  }
}

export class OutMap implements Common {
  readonly entries = new Map<string, Out>();
  readonly from: Field | undefined;
  note: string | undefined;

  constructor(entries: Readonly<Record<string, Out | undefined>> = {}, from?: Field, note?: string) {
    for (const [key, value] of Object.entries(entries)) this.put([key], value);
    this.from = from;
    this.note = note;
  }

  /** Sets the value at a path; undefined changes nothing. */
  put(path: readonly string[], value: Out | undefined): void {
    const [key = '', ...rest] = path;
    if (value === undefined) return;
    if (rest.length === 0) return void this.entries.set(key, value);
    const inner = this.entries.get(key);
    const map = inner instanceof OutMap ? inner : new OutMap();
    this.entries.set(key, map);
    map.put(rest, value);
  }

  at(path: readonly string[]): Out | undefined {
    const [key = '', ...rest] = path;
    const found = this.entries.get(key);
    if (rest.length === 0) return found;
    return found instanceof OutMap ? found.at(rest) : undefined;
  }
}

export type Out = Leaf | OutList | OutMap;

export const leaf = (said: Said<string | number | boolean> | undefined, note?: string): Leaf | undefined =>
  said && new Leaf(said.value, said.from, note);

/** A list; undefined if it is empty. */
export const listOf = (items: readonly Out[]): OutList | undefined =>
  items.length === 0 ? undefined : new OutList(items);

/** A list of texts; undefined when it is empty. */
export function leaves(said: readonly Said<string | number>[], from?: Field): OutList | undefined {
  return said.length === 0 ? undefined : new OutList(said.map((one) => new Leaf(one.value, one.from)), from); // prettier-ignore
}

/** The one text of a list, or the list. */
export function oneOrList(said: readonly Said<string>[], from?: Field): Out | undefined {
  const [first] = said;
  return said.length === 1 && first ? new Leaf(first.value, from ?? first.from) : leaves(said, from);
}

/** A plain value of JSON. */
export function outOf(value: unknown, from?: Field): Out | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return new OutList(value.flatMap((one) => outOf(one) ?? []), from); // prettier-ignore
  if (typeof value !== 'object') return new Leaf(value as string | number | boolean, from);
  const entries = Object.entries(value).map(([key, one]) => [key, outOf(one)] as const);
  return new OutMap(Object.fromEntries(entries), from);
}

/** A value that was read from a field, with the comments in it. What has been left out stays out. */
export function outFrom(value: unknown, from: Field): Out | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) {
    const items = from.isList ? from.items() : [];
    const isWhole = items.length === value.length;
    return new OutList(value.flatMap((one, index) => (isWhole && items[index] ? outFrom(one, items[index]) : outOf(one)) ?? []), from);
  }
  if (typeof value !== 'object') return new Leaf(value as string | number | boolean, from);
  const entries = Object.entries(value).map(([key, one]) => {
    const inner = from.get(key);
    return [key, inner ? outFrom(one, inner) : outOf(one)] as const;
  });
  return new OutMap(Object.fromEntries(entries), from);
} // prettier-ignore

/** The value without places, to compare it. */
export function plainOut(out: Out): unknown {
  if (out instanceof Leaf) return out.value;
  if (out instanceof OutList) return out.items.map(plainOut);
  return Object.fromEntries([...out.entries].map(([key, value]) => [key, plainOut(value)]));
}

export const isEqual = (a: Out | undefined, b: Out | undefined): boolean =>
  JSON.stringify(a && plainOut(a)) === JSON.stringify(b && plainOut(b));
