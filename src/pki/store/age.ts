/**
 * age encryption (https://age-encryption.org/v1), in process: Debian's `age` reads what is written here and the other way
 * round. Armored, so that the file may live in git and mail. The library is loaded where it is needed.
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
 * Encrypts for everyone in `recipients`; other bytes each time.
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
    // The library's error is not handed on as a cause: what it says is said here, and it is not ours to vouch for.
    if (error instanceof Error && NO_MATCH.test(error.message)) throw wrongIdentity(name, identities.length);
    throw damaged(name);
  }
}

/** A header with a recipient, its authentication, a nonce and the tag of an empty text, in bytes: what is shorter was cut. */
const HEADER = /^age-encryption\.org\/v1\n(-> [^\n]+\n([A-Za-z0-9+/]*\n)+)+--- [A-Za-z0-9+/]{43}\n[^]{32}/;

/** The file without its armor, as far as can be seen without a key; undefined when it is damaged. */
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
