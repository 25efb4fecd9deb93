/**
 * Separates known from unknown values in a definition with faults. The intended value of a faulty setting is unknown, so the
 * definition is normalised several times, each time with another value for it. A result that differs depends on the fault.
 * Code that reads such a result is stopped by an exception, so no rule draws conclusions from faults or has to check for them.
 */

/** Thrown when code reads a value that depends on a faulty setting. */
export class Unknown extends Error {
  override readonly name = 'Unknown';
}

/** The common value of all alternatives. Reading a part that differs throws {@link Unknown}. @param alternatives at least one */
export function known<T>(alternatives: readonly T[]): T {
  const agreed = agree(alternatives);
  if (agreed === differs) throw new Unknown();
  return agreed as T;
}

/** Texts by the name of their file. Reading the text of an unreadable file throws {@link Unknown}. */
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

/** Calls a function until it reads an unknown value; effects up to that point stay. */
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
