/**
 * Tells whether a text is a private key. OpenSSL needs half a millisecond for each, which is seconds for a thousand nodes; so the
 * form of the keys that coldstart makes is compared byte by byte, and OpenSSL parses only others.
 */
import { createPrivateKey } from 'node:crypto';

/** PKCS#8 (RFC 5958) of a P-256 key with its public key (RFC 5915), as DER. `d` and the point are the only variable bytes. */
const BEFORE = Buffer.from('308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420', 'hex');
const BETWEEN = Buffer.from('a144034200', 'hex');
/** Bytes of `d`, and of an uncompressed point. */
const [SCALAR, POINT] = [32, 65];

/** @param key PEM of PKCS#8 @param holder PEM of its certificate or public key, which is valid */
export function isPrivateKey(key: string, holder: string): boolean {
  if (isOwnForm(key, holder)) return true;
  try {
    createPrivateKey(key);
    return true;
  } catch {
    return false;
  }
}

/** Whether it is a P-256 key whose public key the holder names. */
function isOwnForm(key: string, holder: string): boolean {
  const der = derOf(key);
  const between = BEFORE.length + SCALAR;
  const point = der.subarray(between + BETWEEN.length);
  return (
    point.length === POINT &&
    der.subarray(0, BEFORE.length).equals(BEFORE) &&
    der.subarray(between, between + BETWEEN.length).equals(BETWEEN) &&
    derOf(holder).includes(point)
  );
}

const derOf = (pem: string): Buffer => Buffer.from(pem.replace(/^-----.*-----$/gm, ''), 'base64');
