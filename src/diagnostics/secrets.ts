/**
 * Finds the parts of a YAML text that contain secrets, so that no frame shows them. It finds them by key names, also misspelt
 * ones, and in a file with invalid YAML by patterns in the lines. In doubt it hides the text.
 */
import { type Document, type Pair, type YAMLMap, isAlias, isNode, isScalar, visit } from 'yaml';

/** Offsets into the text; the end is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const secretKey = /tok|pass|pasw|psw|secret|psk|cred|auth|private/i;
const publicKeys = new Set([
  ...['token_distribution', 'token_ttl', 'credentials_file', 'password_authentication', 'secret', 'secrets'],
]);
const secretValue = /PRIVATE KEY|AGE-SECRET-KEY|:\/\/[^/\s@]+@/;

/** The spans to hide, unsorted. */
export function secretSpans(document: Document, text: string): readonly Span[] {
  const spans: Span[] = [];
  const hide = (node: unknown): void => {
    const resolved = isAlias(node) ? node.resolve(document) : node;
    if (isNode(resolved) && resolved.range) spans.push({ start: resolved.range[0], end: resolved.range[1] });
  };
  visit(document, {
    Scalar: (_, node) => void (typeof node.value === 'string' && looksSecret(node.value) && hide(node)),
    Pair: (_, pair) => void (holdsSecret(pair) && hide(pair.value)),
    Map: (_, map) => void (isSecretFile(map) && hide(map.get('content', true))),
  });
  return document.errors.length > 0 ? [...spans, ...suspectLines(text)] : spans;
}

/** Whether a text looks like a secret: a private key, or a URL with a password. */
export function looksSecret(text: string): boolean {
  return secretValue.test(text);
}

function holdsSecret({ key, value }: Pair): boolean {
  if (!isScalar(key) || typeof key.value !== 'string' || publicKeys.has(key.value)) return false;
  return secretKey.test(key.value) && (isScalar(value) ? typeof value.value !== 'boolean' : isAlias(value));
}

const isSecretFile = (map: YAMLMap<unknown, unknown>): boolean => isTruthy(map.get('secret', true));

const isTruthy = (node: unknown): boolean =>
  isScalar(node) && node.value !== null && node.value !== false && node.source !== 'no';

/** Hides the rest of a line, because the parser cannot tell where a value in an invalid file ends. */
function suspectLines(text: string): readonly Span[] {
  const everything = /secret\s*:|PRIVATE KEY/.test(text);
  const suspect = everything ? /:\s|^/m : new RegExp(`[\\w-]*(?:${secretKey.source})[\\w-]*["']?\\s*:\\s*`, 'i');
  let offset = 0;
  return text.split('\n').flatMap((line) => {
    const found = suspect.exec(line);
    const span = { start: offset + (found ? found.index + found[0].length : 0), end: offset + line.length };
    offset += line.length + 1;
    return found && span.end > span.start ? [span] : [];
  });
}
