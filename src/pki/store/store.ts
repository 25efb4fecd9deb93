/**
 * The secrets store as a file: read with or without decryption, written atomically, and only when its content changes.
 * age encrypts with fresh randomness, so an unchanged store must keep its bytes.
 */
import { type ReadFile, readKept } from '../../config/files/definition-folder.ts';
import { faultText } from '../../config/files/file-faults.ts';
import { decrypt, encrypt, isEncrypted } from './age.ts';
import { writeAtomically } from './atomic-write.ts';
import { SecretsError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { formatStore, parseStore } from './format.ts';
import type { Store } from './model.ts';

interface OpenedStore {
  readonly store: Store;
  readonly encrypted: boolean;
  /** Whether users other than the owner may read a store in clear, as after a checkout from git. */
  readonly exposed: boolean;
  /** The file as it was read. */
  readonly bytes: Uint8Array;
}

/** Bytes; a store of a thousand nodes has some 10 MB. */
const LIMIT = 64 * 1024 * 1024;

/**
 * Reads a store; null when there is none yet.
 * @param identities called only when the file is encrypted
 * @throws SecretsError when it cannot be decrypted or is not a store
 */
export async function openStore(
  path: string,
  identities: () => Promise<readonly Secret[]>,
): Promise<OpenedStore | null> {
  const read = await readStore(path);
  if (read === null) return null;
  const { content: bytes, mode } = read;
  const encrypted = isEncrypted(bytes);
  const text = encrypted ? await decrypt(bytes, await identities(), path) : bytes.toString('utf8');
  return { store: parseStore(text, path), encrypted, exposed: !encrypted && (mode & 0o077) !== 0, bytes };
}

/**
 * A store's bytes as they are on the disk; null when there is none yet.
 * @throws SecretsError when it cannot be read, or is no regular file
 */
export async function readStore(path: string): Promise<ReadFile | null> {
  const { value, fault } = await readKept(path, LIMIT);
  if (fault?.kind === 'missing') return null;
  if (fault) throw new SecretsError(`The secrets store \`${path}\` ${faultText(fault)}.`);
  return value;
}

/**
 * Writes a store: encrypted for `recipients`, or in clear when there are none; mode 0600 either way. Returns whether
 * the file was written.
 * @param opened the file that the store was made from; null when there was no file
 * @throws SecretsError when an encrypted store would be written in clear, or the file changed since it was read
 */
export async function saveStore(
  path: string,
  store: Store,
  recipients: readonly string[],
  opened: OpenedStore | null,
): Promise<boolean> {
  if (opened?.encrypted) requireRecipients(path, recipients);
  const encrypted = recipients.length > 0;
  const former = opened?.encrypted === encrypted ? opened.store : null;
  const next = { ...store, recipients: recipients.toSorted() };
  // The text of a large store takes long to make.
  if (former === store && former.recipients.join() === next.recipients.join()) return false;
  const text = formatStore(next);
  if (former !== null && text === formatStore(former)) return false;
  const content = encrypted ? await encrypt(text, recipients) : text;
  await writeAtomically(path, Buffer.from(content), opened?.bytes ?? null);
  return true;
}

/** @throws SecretsError when an encrypted store would be written in clear */
export function requireRecipients(path: string, recipients: readonly string[]): void {
  if (recipients.length > 0) return;
  throw new SecretsError(`\`${path}\` is encrypted, but no recipients are configured any more.`, {
    hint: 'put `cluster.secrets.recipients` back, or decrypt the file yourself with `age --decrypt` to keep it in clear',
  });
}
