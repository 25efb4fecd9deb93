/** Key pairs and their identities. */
import { createHash, createPublicKey } from 'node:crypto';
import type { Randomness } from '../issue/randomness.ts';
import { secret } from '../secret.ts';
import type { KeyPair } from '../store/model.ts';

/** A new P-256 pair. */
export function makeKeyPair(random: Randomness): KeyPair {
  const { publicKey, privateKey } = random.keyPair();
  return { publicKey, privateKey: secret(privateKey) };
}

/** SHA-256 of a certificate's SubjectPublicKeyInfo, hexadecimal: the identity of its key. */
export function keyIdOf(certificate: string): string {
  const der = createPublicKey(certificate).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}
