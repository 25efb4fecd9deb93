/**
 * Brings one section of the store in line with the needs: makes missing entries, makes outdated entries anew, drops
 * entries that are no longer needed, and hands on all others as the same values. Reports the changes, without secret
 * values.
 */
import { entry } from '../store/model.ts';

/** The last three are steps of a rotation, see `rotate.ts`. */
type Deed =
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
  /** The reason; null for an entry that was missing. */
  readonly why: string | null;
}

export interface Section<Need, T> {
  readonly needs: readonly Need[];
  readonly idOf: (need: Need) => string;
  /** The name of an entry for the user, from its id. */
  readonly words: (id: string) => string;
  readonly make: (need: Need) => T | Promise<T>;
  /** Why an entry must be made anew; null when it is valid. */
  readonly outdated?: (need: Need, standing: T) => string | null;
}

interface Reconciled<T> {
  readonly record: Readonly<Record<string, T>>;
  readonly changes: readonly Change[];
}

export async function reconcile<Need, T>(
  former: Readonly<Record<string, T>>,
  section: Section<Need, T>,
): Promise<Reconciled<T>> {
  const { needs, idOf, words, make, outdated = () => null } = section;
  const kept = standing(former, section);
  const record = new Map<string, T>();
  const changes: Change[] = [];
  for (const need of needs) {
    const id = idOf(need);
    if (Object.hasOwn(kept, id)) {
      record.set(id, entry(kept, id));
      continue;
    }
    const isKnown = Object.hasOwn(former, id);
    const why = isKnown ? outdated(need, entry(former, id)) : null;
    record.set(id, await make(need));
    changes.push({ did: isKnown ? 'made anew' : 'made', what: words(id), why });
  }
  for (const id of Object.keys(former).filter((known) => !record.has(known))) {
    changes.push({ did: 'dropped', what: words(id), why: 'the definition asks for it no longer' });
  }
  return { record: Object.fromEntries(record), changes };
}

/** The entries of a section that stay: needed and not outdated. */
export function standing<Need, T>(
  former: Readonly<Record<string, T>>,
  { needs, idOf, outdated = () => null }: Pick<Section<Need, T>, 'needs' | 'idOf' | 'outdated'>,
): Readonly<Record<string, T>> {
  const good = needs.filter((need) => {
    const id = idOf(need);
    return Object.hasOwn(former, id) && outdated(need, entry(former, id)) === null;
  });
  return Object.fromEntries(good.map((need) => [idOf(need), entry(former, idOf(need))]));
}

/** One line: `made anew the certificate nodes/master-01/apiserver, as its issuer has a new key`. */
export function describeChange({ did, what, why }: Change): string {
  return `${did} ${what}${why === null ? '' : `, as ${why}`}`;
}
