/**
 * Brings one section of the store in line with what is needed: makes what is missing, makes anew what is outdated, drops
 * what nobody needs, and hands on everything else as the very same value. Tells what it did, in words without values.
 */
import { entry } from './store-model.ts';

/** The last three are steps of a rotation, see `rotate.ts`. */
export type Deed =
  | 'made'
  | 'made anew'
  | 'dropped'
  | 'staged a successor of'
  | 'activated the successor of'
  | 'retired the predecessor of';

export interface Change {
  readonly did: Deed;
  /** E.g. `the token of worker-01`. */
  readonly what: string;
  /** Why; null for what was simply missing. */
  readonly why: string | null;
}

export interface Section<Need, T> {
  readonly needs: readonly Need[];
  readonly idOf: (need: Need) => string;
  /** Names an entry to the user by its id. */
  readonly words: (id: string) => string;
  readonly make: (need: Need) => T | Promise<T>;
  /** Why an entry has to be made anew; null when it is good. */
  readonly outdated?: (need: Need, standing: T) => string | null;
}

export interface Reconciled<T> {
  readonly record: Readonly<Record<string, T>>;
  readonly changes: readonly Change[];
}

export async function reconcile<Need, T>(
  former: Readonly<Record<string, T>>,
  { needs, idOf, words, make, outdated = () => null }: Section<Need, T>,
): Promise<Reconciled<T>> {
  const record = new Map<string, T>();
  const changes: Change[] = [];
  for (const need of needs) {
    const id = idOf(need);
    const standing = Object.hasOwn(former, id) ? entry(former, id) : null;
    const why = standing === null ? null : outdated(need, standing);
    if (standing !== null && why === null) {
      record.set(id, standing);
      continue;
    }
    record.set(id, await make(need));
    changes.push({ did: standing === null ? 'made' : 'made anew', what: words(id), why });
  }
  for (const id of Object.keys(former).filter((known) => !record.has(known))) {
    changes.push({ did: 'dropped', what: words(id), why: 'the definition asks for it no longer' });
  }
  return { record: Object.fromEntries(record), changes };
}

/** One line: `made anew the certificate nodes/master-01/apiserver, as its issuer has a new key`. */
export function describeChange({ did, what, why }: Change): string {
  return `${did} ${what}${why === null ? '' : `, as ${why}`}`;
}
