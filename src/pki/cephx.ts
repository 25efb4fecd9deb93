/** Keys and key rings of cephx, the way in which all of Ceph says who it is. */

/** What an entity may do with a kind of daemon, by the kind. */
export type Caps = Readonly<Partial<Record<'mds' | 'mgr' | 'mon' | 'osd', string>>>;

export interface Entity {
  /** E.g. `client.admin`, `mgr.master-01`. */
  readonly name: string;
  /** As in the store: base64 of what {@link cephxKey} made. */
  readonly key: string;
  /** Null where only the key is of interest. */
  readonly caps: Caps | null;
}

/** The only type that the packaged release knows (CEPH_CRYPTO_AES): AES with 128 bits. */
const AES = 1;

/**
 * A key as `ceph-authtool` makes it (CryptoKey::encode in src/auth/Crypto.cc): type, seconds and nanoseconds of its making,
 * length, the random part; all little-endian.
 * @param random 16 bytes
 */
export function cephxKey(random: Uint8Array, made: Date): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16LE(AES, 0);
  head.writeUInt32LE(Math.floor(made.getTime() / 1000), 2);
  head.writeUInt16LE(random.length, 10);
  return Buffer.concat([head, random]);
}

/** The file format of `ceph-authtool`, in the given order. Names and caps are ours and hold no quotes. */
export function keyring(entities: readonly Entity[]): string {
  const sections = entities.map(({ name, key, caps }) => {
    const grants = Object.entries(caps ?? {}).toSorted();
    return [`[${name}]`, `\tkey = ${key}`, ...grants.map(([kind, cap]) => `\tcaps ${kind} = "${cap}"`)].join('\n');
  });
  return `${sections.join('\n')}\n`;
}
