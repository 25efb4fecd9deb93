/**
 * The secrets store as a value: all random values of a cluster that are made once and must stay. Ids are the keys of
 * the records. Only `needs.ts` gives ids their meaning, so further kinds of needs (such as Ceph's keys) need no other
 * format.
 */
import type { Secret } from '../secret.ts';

export interface Store {
  /** Name of the cluster; a store serves one cluster only. */
  readonly cluster: string;
  /** The age recipients of the last write; empty for a store in clear. They are public. */
  readonly recipients: readonly string[];
  /** 128 random bits in hexadecimal digits; ids, not secrets. */
  readonly ids: Readonly<Record<string, string>>;
  readonly authorities: Readonly<Record<string, Generations<Authority>>>;
  readonly certificates: Readonly<Record<string, Certificate>>;
  readonly keyPairs: Readonly<Record<string, Generations<KeyPair>>>;
  /** Symmetric keys, base64. */
  readonly keys: Readonly<Record<string, Generations<Secret>>>;
  /** Bootstrap tokens by node. */
  readonly tokens: Readonly<Record<string, Secret>>;
  /** By node; empty where nodes take no updates. */
  readonly releases: Readonly<Record<string, Release>>;
  /** By root of trust, e.g. `authorities/etcd`: the steps of its rotation. See `issue/rotation-releases.ts`. */
  readonly rotations: Readonly<Record<string, Steps>>;
}

/** By step: the first release that has it, of each node whose image it changed. */
interface Steps {
  readonly stage: Readonly<Record<string, number>>;
  /** Empty before this step. */
  readonly activate: Readonly<Record<string, number>>;
}

export type RotationStep = 'stage' | 'activate' | 'retire';

/** Which definition of a node came later: see `issue/releases.ts`. */
export interface Release {
  /** From 1. */
  readonly number: number;
  /** SHA-256 of the definition that has this number. */
  readonly inputs: string;
}

/**
 * Nodes get their images one after the other, so a root of trust cannot be replaced in one step. First all nodes learn
 * to trust the `next` one, then it becomes `current`, and the `previous` one stays trusted until all nodes have
 * changed.
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
  /** SHA-256 of the inputs of the certificate; `rotate` replaces it to ask for a new certificate. See `issue.ts`. */
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
    ...{ certificates: {}, keyPairs: {}, keys: {}, tokens: {}, releases: {}, rotations: {} },
  };
}

/** All trusted generations, the current one first. */
export function trusted<T>({ current, next, previous }: Generations<T>): T[] {
  return [current, next, previous].filter((generation) => generation !== null);
}

/** An entry that the store lacks and that a completion would add. In a completed store, this is a bug. */
export class IncompleteStore extends Error {
  override readonly name = 'IncompleteStore';
}

/** An entry that must exist. @throws IncompleteStore */
export function entry<T>(record: Readonly<Record<string, T>>, id: string): T {
  const found = Object.hasOwn(record, id) ? record[id] : undefined;
  if (found === undefined)
    throw new IncompleteStore(`the secrets store has no \`${id}\`; it has to be completed first`);
  return found;
}

/**
 * PEM of an authority with its next and previous generations, the current one first.
 * @throws IncompleteStore
 */
export function bundle(store: Store, authority: string): string {
  return trusted(entry(store.authorities, authority))
    .map(({ certificate }) => certificate)
    .join('');
}
