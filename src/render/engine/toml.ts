/** Writes TOML documents (toml.io v1.0.0). */
import { UnrepresentableError } from './error.ts';

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keyOf = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key));

/** A document of nested tables, each with a header, separated by empty lines. @param scalar writes any other value */
export function tomlDocument(document: Table, scalar: (value: unknown) => string): string {
  const value = (item: unknown): string => {
    if (Array.isArray(item)) return `[${item.map(value).join(', ')}]`;
    if (!isTable(item)) return scalar(item);
    return `{ ${Object.entries(item)
      .map(([key, inner]) => `${keyOf(key)} = ${value(inner)}`)
      .join(', ')} }`;
  };
  const tables = (table: Table, path: readonly string[]): readonly string[] => {
    const own = Object.entries(table).filter(([, item]) => !isTable(item));
    const lines = own.map(([key, item]) => `${path.length > 0 ? '  ' : ''}${keyOf(key)} = ${value(item)}`);
    const inner = Object.entries(table).flatMap(([key, item]) => (isTable(item) ? tables(item, [...path, key]) : []));
    // A table with nothing but tables needs no header of its own.
    const isNeeded = path.length > 0 && (own.length > 0 || inner.length === 0);
    const text = [...(isNeeded ? [`[${headerOf(path)}]`] : []), ...lines].join('\n');
    return [...(text === '' ? [] : [text]), ...inner];
  };
  return tables(document, []).join('\n\n');
}

/** The parser of containerd 1 (go-toml 1.9) takes a `]` in a header for its end, quoted or not. */
function headerOf(path: readonly string[]): string {
  if (path.some((key) => key.includes(']'))) {
    throw new UnrepresentableError('`]` cannot be part of the name of a table');
  }
  return path.map(keyOf).join('.');
}
