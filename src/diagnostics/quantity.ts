/** A number with its noun, e.g. `1 node`, `3 nodes`, `2 entries`. */
export function quantity(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** A part of a whole, e.g. `1 of 1,000`. */
export function portion(count: number, whole: number): string {
  return `${count.toLocaleString('en-US')} of ${whole.toLocaleString('en-US')}`;
}

/** More names than these are only counted. */
const MOST_NAMES = 12;

/** The names in a line, or their number if there are many, e.g. `999 nodes`. */
export function namesOrNumber(names: readonly string[], noun: string): string {
  return names.length > MOST_NAMES ? quantity(names.length, noun) : names.join(', ');
}
