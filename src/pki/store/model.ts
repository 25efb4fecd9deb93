/**
 * The secrets store as a value: everything of a cluster that is made once, by chance, and must stay. Ids are the keys of
 * the records; what an id stands for is said in `needs.ts` alone, so that further kinds of needs (Ceph's keys, say) need
 * no other format.
 */
import type { Secret } from '../secret.ts';

export interface Store {
  /** Name of the cluster; a store serves one cluster only. */
  readonly cluster: string;
  /** The age recipients that it was last written for; empty in clear. They are public. */
  readonly recipients: readonly string[];
  /** 128 random bits in hexadecimal digits; names, not secrets. */
  readonly ids: Readonly<Record<string, string>>;
  readonly authorities: Readonly<Record<string, Generations<Authority>>>;
  readonly certificates: Readonly<Record<string, Certificate>>;
  readonly keyPairs: Readonly<Record<string, Generations<KeyPair>>>;
  /** Symmetric keys, base64. */
  readonly keys: Readonly<Record<string, Generations<Secret>>>;
  /** Bootstrap tokens by node. */
  readonly tokens: Readonly<Record<string, Secret>>;
}

/**
 * A root of trust cannot be replaced at one blow, as nodes get their images one after the other: first everyone learns
 * to trust the `next`, then it becomes `current`, and the `previous` one is trusted until everyone has changed.
 */
export interface Generations<T> {
  readonly current: T;
  readonly next: T | null;
  readonly previous: T | null;
}

/** PEM: an X.509 certificate, and its key in PKCS #8. */
export interface Authority {
  readonly certificate: string;
  readonly key: Secret;
}

export interface Certificate {
  /** SHA-256 of what the certificate was asked to say; `rotate` asks for a new one. See `issue.ts`. */
  readonly inputs: string;
  readonly certificate: string;
  readonly key: Secret;
}

/** PEM: SubjectPublicKeyInfo and PKCS #8. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: Secret;
}

export function emptyStore(cluster: string): Store {
  return {
    ...{ cluster, recipients: [], ids: {}, authorities: {} },
    ...{ certificates: {}, keyPairs: {}, keys: {}, tokens: {} },
  };
}

/** All generations that are trusted, the current one first. */
export function trusted<T>({ current, next, previous }: Generations<T>): T[] {
  return [current, next, previous].filter((generation) => generation !== null);
}

/** What a store lacks that it would have once it is completed. Where it was to be complete, that is a bug. */
export class IncompleteStore extends Error {
  override readonly name = 'IncompleteStore';
}

/** An entry that must be there. @throws IncompleteStore */
export function entry<T>(record: Readonly<Record<string, T>>, id: string): T {
  const found = Object.hasOwn(record, id) ? record[id] : undefined;
  if (found === undefined)
    throw new IncompleteStore(`the secrets store has no \`${id}\`; it has to be completed first`);
  return found;
}

/**
 * PEM of an authority and those that are about to follow it or did precede it, the current one first.
 * @throws IncompleteStore
 */
export function bundle(store: Store, authority: string): string {
  return trusted(entry(store.authorities, authority))
    .map(({ certificate }) => certificate)
    .join('');
}
