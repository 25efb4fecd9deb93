/**
 * Gives views the values of the secrets store. An unknown value gets a placeholder that names it, so that the rest of
 * the file can be rendered and reviewed.
 */
import type { Hole } from '../../pki/holes.ts';
import { IncompleteStore, type Store } from '../../pki/store/model.ts';
import type { PendingReason } from '../tree/tree.ts';

/** The store, complete or not, or the reason why there is no readable store. */
export type Known = Store | PendingReason;

/**
 * The value of a hole, or its placeholder.
 * @param as how the value is written, e.g. in base64; placeholders stay readable
 */
export type Values = (hole: Hole, as?: (value: string) => string) => string;

interface Asked {
  readonly values: Values;
  /** Names of the requested holes, sorted. */
  readonly holes: () => readonly string[];
  /** Why some of them have no value; null when all have one. */
  readonly missing: () => PendingReason | null;
}

/**
 * The values for one file, and a record of the holes that it requests.
 * @param secret whether the file is secret; other files may not request secret values
 */
export function ask(known: Known, secret: boolean): Asked {
  const holes = new Set<string>();
  let missing: PendingReason | null = null;
  const values: Values = (hole, as = (value) => value) => {
    if (hole.secret && !secret) throw new Error(`\`${hole.name}\` is secret, and the file that asks for it is not`);
    holes.add(hole.name);
    const { value, reason } = read(hole, known);
    if (reason === null) return as(value);
    missing = reason;
    return placeholder(hole, reason);
  };
  return { values, holes: () => [...holes].toSorted(), missing: () => missing };
}

type Read =
  { readonly value: string; readonly reason: null } | { readonly value: null; readonly reason: PendingReason };

function read(hole: Hole, known: Known): Read {
  if (typeof known === 'string') return { value: null, reason: known };
  try {
    return { value: hole.read(known), reason: null };
  } catch (error) {
    if (error instanceof IncompleteStore) return { value: null, reason: 'not-issued-yet' };
    throw error;
  }
}

/** E.g. `<ceph_fsid: not issued yet>`. */
const placeholder = ({ name }: Hole, reason: PendingReason): string => `<${name}: ${reason.replaceAll('-', ' ')}>`;

/** Whether a draft could become this text: a placeholder of an encrypted value matches any text on its line. */
export function couldBecome(draft: string, text: string): boolean {
  const parts = draft.split(/<[a-z_]+(?::[^<>\s]+)?: cannot be opened here>/);
  const literal = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return parts.length > 1 && new RegExp(`^${literal.join('.*')}$`).test(text);
}
