/**
 * What in the files of other tools is secret. It is never brought and never shown: the new definition gets keys and tokens of its
 * own, and passwords belong into files that are not committed.
 */
import { looksSecret } from '../../diagnostics/secrets.ts';
import { type Range, type Tree, childrenOf } from './tree.ts';

const SECRET_KEY =
  /token|passw(or)?d|passphrase|secret|psk|credential|private_?key|shared_?key|registrationcode|(^|[_-])auth$|pull_?secret|api_?key/i;
/** Settings with such words in their names that hold no secret. */
const PUBLIC_KEY =
  /secret_?name|secret_?ref|secretboot|token_?(ttl|distribution|request)|service-account-|authorization|passwd$|credentialproviders|image-credential-provider-(bin-dir|config)$/i;
/** A key beside a certificate: base64 of PEM, or PEM. */
const KEY_MATERIAL =
  /^(LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*|[A-Za-z0-9+/]{42,}={0,2})$/;
/** A line of a text that sets a password or the like. */
const SECRET_LINE = /(token|passw(or)?d|passphrase|secret|psk|private_?key|api_?key)\w*["']?\s*[:=]\s*["']?[^\s"']/i;

/** Whether the value of a key is secret. */
export function isSecret(tree: Tree): boolean {
  if (tree.kind !== 'scalar' || typeof tree.value === 'boolean' || tree.value === null || tree.value === '')
    return false;
  const key = tree.path.findLast((step) => typeof step === 'string') ?? '';
  const text = String(tree.value);
  if (/PRIVATE KEY-----|AGE-SECRET-KEY-1|^ENC\[AES256_GCM,/.test(text)) return true;
  if (key === 'key' && KEY_MATERIAL.test(text)) return true;
  if (SECRET_KEY.test(key) && !PUBLIC_KEY.test(key)) return true;
  return !text.includes('\n') && looksSecret(text);
}

/** Whether a text of several lines seems to hold a secret. */
export function holdsSecret(text: string): boolean {
  return SECRET_LINE.test(text) || looksSecret(text);
}

/** Whether a manifest must not be copied: a Secret of Kubernetes, or a text that seems to hold one. */
export function isSecretManifest(text: string): boolean {
  return /^\s*['"]?kind['"]?:\s*['"]?Secret\b/m.test(text) || holdsSecret(text);
}

/** The ranges of all secrets in a tree, for frames. */
export function secretRanges(tree: Tree): readonly Range[] {
  if (tree.kind !== 'scalar') return childrenOf(tree).flatMap(secretRanges);
  return isSecret(tree) ? [tree.range] : [];
}
