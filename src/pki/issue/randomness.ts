/** Source of keys, serial numbers and tokens. A parameter everywhere, so that tests can choose the values. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';

export interface Randomness {
  readonly bytes: (count: number) => Uint8Array;
  /** A new P-256 pair, PEM: SubjectPublicKeyInfo and PKCS #8. */
  readonly keyPair: () => { readonly publicKey: string; readonly privateKey: string };
}

export const systemRandomness: Randomness = {
  bytes: (count) => randomBytes(count),
  keyPair: () =>
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }),
};

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** The largest multiple of the alphabet's size below 256: bytes above it would make the first letters more likely. */
const FAIR = 256 - (256 % ALPHABET.length);

/** `[a-z0-9]{6}.[a-z0-9]{16}`: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/ */
export function bootstrapToken(random: Randomness): string {
  let text = '';
  while (text.length < 22) {
    const fair = [...random.bytes(32)].filter((byte) => byte < FAIR);
    text += fair.map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  }
  return `${text.slice(0, 6)}.${text.slice(6, 22)}`;
}

/** 128 bits as hexadecimal digits. */
export function randomId(random: Randomness): string {
  return Buffer.from(random.bytes(16)).toString('hex');
}

/** A positive serial number of 16 bytes (RFC 5280 4.1.2.2 allows 20), hexadecimal. */
export function serialNumber(random: Randomness): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
