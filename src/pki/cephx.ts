/** Keys of cephx, Ceph's authentication protocol. */

/** The only key type that the packaged release supports (CEPH_CRYPTO_AES): AES with 128 bits. */
const AES = 1;

/**
 * A key as `ceph-authtool` makes it (CryptoKey::encode in src/auth/Crypto.cc): type, creation time in seconds and
 * nanoseconds, length, random part; all little-endian.
 * @param random 16 bytes
 */
export function cephxKey(random: Uint8Array, made: Date): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16LE(AES, 0);
  head.writeUInt32LE(Math.floor(made.getTime() / 1000), 2);
  head.writeUInt16LE(random.length, 10);
  return Buffer.concat([head, random]);
}
