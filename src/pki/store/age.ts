/**
 * age encryption (https://age-encryption.org/v1), in process. Debian's `age` reads the files written here, and this
 * module reads the files of Debian's `age`. Armored, so that the file may be kept in git and sent by mail. The library
 * is loaded when it is needed.
 */
import { ClosedStore, SecretsError } from '../errors.ts';
import { reveal, type Secret } from '../secret.ts';

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';
const BINARY = 'age-encryption.org/v1\n';
const NO_MATCH = /no identity matched/;

/** Whether bytes are an age file, armored or not. */
export function isEncrypted(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 256)).toString('latin1').trimStart();
  return start.startsWith(ARMOR) || start.startsWith(BINARY);
}

/**
 * Encrypts for all `recipients`; the result differs each time.
 * @throws SecretsError for a recipient that the format does not know
 */
export async function encrypt(text: string, recipients: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new SecretsError(`\`${recipient}\` is not an age recipient that can be used here.`, {
        hint: 'recipients start with `age1` and are printed by `age-keygen -y`',
      });
    }
  }
  return armor.encode(await encrypter.encrypt(text));
}

/**
 * Decrypts a file.
 * @param name the file, for messages
 * @throws ClosedStore when no identity fits, SecretsError when the file is damaged
 */
export async function decrypt(bytes: Uint8Array, identities: readonly Secret[], name: string): Promise<string> {
  const { armor, Decrypter } = await import('age-encryption');
  const binary = unarmored(bytes, armor.decode);
  if (binary === undefined) throw damaged(name);
  if (identities.length === 0) throw noIdentity(name);
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(reveal(identity));
  try {
    return await decrypter.decrypt(binary, 'text');
  } catch (error) {
    // Not a `cause`: the message here replaces the library's, whose text may contain anything.
    if (error instanceof Error && NO_MATCH.test(error.message)) throw wrongIdentity(name, identities.length);
    throw damaged(name);
  }
}

/**
 * Size in bytes of a header with one recipient, its MAC, a nonce and the tag of an empty text. A shorter file is
 * truncated.
 */
const HEADER = /^age-encryption\.org\/v1\n(-> [^\n]+\n([A-Za-z0-9+/]*\n)+)+--- [A-Za-z0-9+/]{43}\n[^]{32}/;

/** The file without its armor, checked as far as possible without a key; undefined when it is damaged. */
function unarmored(bytes: Uint8Array, decode: (text: string) => Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  try {
    const binary = text.trimStart().startsWith(ARMOR) ? decode(text) : bytes;
    return HEADER.test(Buffer.from(binary).toString('latin1')) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function damaged(name: string): SecretsError {
  const hint = 'take it from a backup';
  return new SecretsError(`\`${name}\` cannot be decrypted: it is damaged or was cut short.`, { hint });
}

function noIdentity(name: string): ClosedStore {
  return new ClosedStore(`\`${name}\` is encrypted and no age identity was given.`, {
    hint: 'name its file with `--identity` or in COLDSTART_AGE_IDENTITY or SOPS_AGE_KEY_FILE',
  });
}

function wrongIdentity(name: string, count: number): ClosedStore {
  const whose = count === 1 ? 'The age identity that was given is not' : `None of the ${count} age identities is`;
  return new ClosedStore(`${whose} among those that \`${name}\` is encrypted for.`, {
    hint: 'use the identity of one of its recipients, or have one of them add yours to `cluster.secrets.recipients`',
  });
}
