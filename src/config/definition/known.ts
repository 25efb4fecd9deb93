/**
 * What is known although parts of a definition are faulty. A faulty setting may have been meant as anything, so the definition
 * is taken several times, with something else in its place each time: what then comes out differently depends on it. Whoever
 * reads that learns nothing, but is stopped; so no rule concludes from what was left out, and none has to think of it.
 */

/** Thrown where something is read that depends on a faulty setting. */
export class Unknown extends Error {
  override readonly name = 'Unknown';
}

/** The value that all alternatives agree on, with a stop at each place where they do not. @param alternatives at least one */
export function known<T>(alternatives: readonly T[]): T {
  const agreed = agree(alternatives);
  if (agreed === differs) throw new Unknown();
  return agreed as T;
}

/** Texts by the name of their file; of a file that could not be read, nobody learns the text. */
export class KnownTexts extends Map<string, string> {
  readonly #unread: ReadonlySet<string>;

  constructor(texts: Iterable<readonly [string, string]>, unread: readonly string[]) {
    super(texts);
    this.#unread = new Set(unread);
  }

  override get(file: string): string | undefined {
    if (this.#unread.has(file)) throw new Unknown();
    return super.get(file);
  }
}

/** Applies a function for its effects, as far as it comes without reading what is unknown. */
export function asFarAsKnown(effect: () => void): void {
  try {
    effect();
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
  }
}

const differs = Symbol('differs');

function agree(values: readonly unknown[]): unknown {
  const [first] = values;
  if (values.every((value) => Object.is(value, first))) return first;
  if (values.every(Array.isArray)) {
    const lists = values as unknown as readonly (readonly unknown[])[];
    return lists.every(({ length }) => length === lists[0]?.length) ? combine([], lists) : differs;
  }
  return values.every(isGroup) ? combine({}, values) : differs;
}

function combine(into: object, values: readonly object[]): object {
  for (const key of new Set(values.flatMap((value) => Object.keys(value)))) {
    const value = agree(values.map((one) => (one as Record<string, unknown>)[key]));
    Object.defineProperty(into, key, { enumerable: true, ...(value === differs ? { get: stop } : { value }) });
  }
  return into;
}

function stop(): never {
  throw new Unknown();
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
