/**
 * Writes YAML in block style, quoted so that YAML 1.1 readers (`on`, `1:20`, `=`) see the same values. The library decides only about
 * single words: whole documents would take it an eighth of the time of `check`, for a thousand nodes.
 */
import { Document } from 'yaml';

const PLAIN = /^\w[\w.:/@+-]*$/;
// Always strings: no YAML keyword has six letters, and numbers begin with another character and end without `=`.
const WORD = /^[A-Za-z][\w.:/@+-]{4,}[\w./@+-]$/;
const BASE64 = /^[\w/+]{8,}={1,2}$/;

/** A whole document. @param value data without control characters */
export function yamlDocument(value: unknown, indent = ''): string {
  const deeper = `${indent}  `;
  const lines = (items: readonly string[]): string => items.join(`\n${indent}`);
  if (typeof value === 'string') return PLAIN.test(value) ? knownWord(value) : JSON.stringify(value);
  if (!isCollection(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return lines(value.map((item) => `- ${yamlDocument(item, deeper)}`));
  const entries = Object.entries(value).map(([key, item]) => {
    const gap = isCollection(item) ? `\n${deeper}` : ' ';
    return `${yamlDocument(key)}:${gap}${yamlDocument(item, deeper)}`;
  });
  return lines(entries);
}

/** Empty ones are written as JSON. */
function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** A string inside of a document. */
export function yamlString(text: string): string {
  if (BASE64.test(text)) return text;
  return PLAIN.test(text) ? word(text) : `'${text.replaceAll("'", "''")}'`;
}

// A thousand nodes have many equal words. Those of `yamlString` are not kept, as they may be secrets.
const words = new Map<string, string>();
function knownWord(text: string): string {
  const written = words.get(text) ?? word(text);
  words.set(text, written);
  return written;
}

// The library knows the words that a YAML schema would read as another type.
function word(text: string): string {
  return WORD.test(text) ? text : new Document(text, { compat: 'yaml-1.1' }).toString({ lineWidth: 0 }).trimEnd();
}
