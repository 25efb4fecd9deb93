/** `--shard 2/3`: the part of a build that one of several machines does. */

export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** The shard that a text names; null for any other text. */
export function parseShard(text: string): Shard | null {
  const [, index = '0', count = '0'] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index >= 1 && shard.index <= shard.count ? shard : null;
}

/**
 * The items of a shard: the items, sorted by name, are cut into `count` parts of equal size (± 1). So each item is in one
 * shard, neighbours such as `worker-01` and `worker-02` share base layers, and a further item moves at most one other item
 * across each cut: `count - 1` in all.
 */
export function inShard<T extends { readonly name: string }>(
  items: readonly T[],
  { index, count }: Shard,
): readonly T[] {
  const cut = (part: number): number => Math.floor((part * items.length) / count);
  const sorted = items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(sorted.slice(cut(index - 1), cut(index)).map(({ name }) => name));
  return items.filter(({ name }) => names.has(name));
}
