/** Documents of upstream's programs: merging of one into another, and reading of a field. */

/** A group of fields, in the notation of the program that reads it. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Groups are merged, any other value replaces the one below it; null stays, so that a later merge removes a field by it. */
export function overlaid(below: Fields, above: Fields): Fields {
  const merged = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    return [key, isFields(under) && isFields(value) ? overlaid(under, value) : value] as const;
  });
  return { ...below, ...Object.fromEntries(merged) };
}

/** As {@link overlaid}, without the fields that are null (RFC 7396). */
export const merged = (below: Fields, above: Fields | null): Fields => withoutNull(overlaid(below, above ?? {}));

function withoutNull(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isFields(value) ? withoutNull(value) : value]));
}

interface Found {
  /** As deep as the document goes: a value other than a group stands in the place of all fields below it. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/** What a document says of a field, like that at `['authentication', 'anonymous', 'enabled']`; undefined if nothing. */
export function fieldOf(document: Fields, path: readonly string[]): Found | undefined {
  let value: unknown = document;
  for (const [depth, step] of path.entries()) {
    if (!isFields(value)) return { path: path.slice(0, depth), value: undefined };
    if (!Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return { path, value: value ?? undefined };
}
