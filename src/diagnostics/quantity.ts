/** A number with its noun, e.g. `1 node`, `3 nodes`, `2 entries`. */
export function quantity(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
