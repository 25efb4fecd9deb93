/** The secrets in the text of a definition, found without coldstart's own knowledge of them, and whether a page shows one. */
import { isMap, isPair, isScalar, parseDocument, visit } from 'yaml';
import { ESCAPES } from '../../src/render/engine/escape.ts';
import type { Definition } from './definition.ts';

const KEYS = /^(password|password_hash|token)$/;
const IN_URL = /:\/\/[^/@\s:]+:([^/@\s]+)@/;
/** Shorter ones may be in any text by chance. */
const LEAST = 8;

/** Lines of secrets that are nowhere else in the definition. */
export function secretsOf(definition: Definition): readonly string[] {
  const whole = [...definition.values()].join('\n');
  const found = [...definition].flatMap(([path, text]) => (/\.ya?ml$/.test(path) ? inYaml(text) : []));
  const lines = found.flatMap((value) => value.split('\n')).map((line) => line.trim());
  return [...new Set(lines)].filter((line) => line.length >= LEAST && whole.split(line).length === 2);
}

function inYaml(text: string): readonly string[] {
  const found: string[] = [];
  visit(parseDocument(text, { logLevel: 'silent' }), (_, node) => {
    if (isMap(node) && node.get('secret') === true) found.push(String(node.get('content')));
    if (isPair(node) && isScalar(node.key) && isScalar(node.value) && KEYS.test(String(node.key.value)))
      found.push(String(node.value.value));
    if (isScalar(node) && typeof node.value === 'string') found.push(...(IN_URL.exec(node.value)?.slice(1) ?? []));
  });
  return found;
}

/** The first secret of the definition that the page shows, also in the notation of HTML. */
export function leakIn(page: string, definition: Definition): string | undefined {
  return secretsOf(definition).find((text) => page.includes(text) || page.includes(ESCAPES.html(text)));
}
