/**
 * Signs bytes as CMS SignedData (RFC 5652), which `openssl cms -verify` and RAUC read. The same bytes, key and certificate give
 * the same signature: it holds no signing time, and the ECDSA nonce comes from key and message (RFC 6979).
 */
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { reveal, type Secret } from '../secret.ts';

/** A P-256 key and its certificate, PEM. */
interface Signer {
  readonly certificate: string;
  readonly key: Secret;
}

/** ASN.1 tags (X.690 §8.1.2). */
const TAG = { integer: 0x02, octets: 0x04, null: 0x05, oid: 0x06, sequence: 0x30, set: 0x31, context: 0xa0 } as const;

const OID = {
  data: '2a864886f70d010701',
  signedData: '2a864886f70d010702',
  contentType: '2a864886f70d010903',
  messageDigest: '2a864886f70d010904',
  sha256: '608648016503040201',
  ecdsaWithSha256: '2a8648ce3d040302',
} as const;

/** DER: tag, length, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const oid = (name: keyof typeof OID): Buffer => der(TAG.oid, Buffer.from(OID[name], 'hex'));
const algorithm = (name: keyof typeof OID): Buffer => der(TAG.sequence, oid(name));
const version = (number: number): Buffer => der(TAG.integer, Buffer.from([number]));
const attribute = (name: keyof typeof OID, value: Buffer): Buffer => der(TAG.sequence, oid(name), der(TAG.set, value));

/** The signature with the content in it, DER. @param signer a P-256 certificate with a key identifier, as `certificate.ts` makes it */
export function signCms(content: Uint8Array, { certificate, key }: Signer): Buffer {
  const digest = createHash('sha256').update(content).digest();
  // DER sorts a set by its encodings: the shorter attribute, with the same beginning, comes first.
  const attributes = Buffer.concat([
    attribute('contentType', oid('data')),
    attribute('messageDigest', der(TAG.octets, digest)),
  ]);
  const signerInfo = der(
    TAG.sequence,
    version(3),
    der(TAG.context - 0x20, keyIdentifier(certificate)),
    algorithm('sha256'),
    der(TAG.context, attributes),
    algorithm('ecdsaWithSha256'),
    der(TAG.octets, signEcdsa(der(TAG.set, attributes), key)),
  );
  const signedData = der(
    TAG.sequence,
    version(3),
    der(TAG.set, algorithm('sha256')),
    der(TAG.sequence, oid('data'), der(TAG.context, der(TAG.octets, content))),
    der(TAG.context, new X509Certificate(certificate).raw),
    der(TAG.set, signerInfo),
  );
  return der(TAG.sequence, oid('signedData'), der(TAG.context, signedData));
}

/** The subject key identifier by method 1 of RFC 5280 §4.2.1.2: SHA-1 of the public key, an uncompressed point of 65 bytes. */
function keyIdentifier(certificate: string): Buffer {
  const key = createPublicKey(certificate).export({ type: 'spki', format: 'der' });
  return createHash('sha1').update(key.subarray(-65)).digest();
}

/** Node's own signatures contain fresh randomness. */
function signEcdsa(message: Uint8Array, key: Secret): Uint8Array {
  const { d } = createPrivateKey(reveal(key)).export({ format: 'jwk' });
  if (d === undefined) throw new Error('not a private key on a curve');
  return p256.sign(message, Buffer.from(d, 'base64url'), { format: 'der', lowS: false });
}
