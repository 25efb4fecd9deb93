/** The entries of the secrets store by their names on the command line: lists them, and reads a name for a rotation. */
import { CEPH_KEYS } from '../../pki/issue/ceph-needs.ts';
import type { Target } from '../../pki/issue/rotate.ts';
import type { Generations, RotationStep, Store } from '../../pki/store/model.ts';
import { UsageError } from '../usage.ts';

/** An entry of a store, without its value. */
export interface StoreEntry {
  /** Its name for `rotate`, e.g. `tokens/worker-01`. */
  readonly id: string;
  /** The state of a rotation; null if none is in progress, or if the entry is rotated in one step. */
  readonly rotation: 'staged' | 'activated' | null;
}

/** Every entry, in the order of the file. */
export function entriesOf(store: Store): StoreEntry[] {
  const plain = (kind: string, record: Readonly<Record<string, unknown>>): StoreEntry[] =>
    sorted(record).map(([id]) => ({ id: `${kind}/${id}`, rotation: null }));
  const rooted = (kind: string, record: Readonly<Record<string, Generations<unknown>>>): StoreEntry[] =>
    sorted(record).map(([id, { next, previous }]) => {
      return { id: `${kind}/${id}`, rotation: next !== null ? 'staged' : previous !== null ? 'activated' : null };
    });
  return [
    ...plain('ids', store.ids),
    ...rooted('authorities', store.authorities),
    ...plain('certificates', store.certificates),
    ...rooted('key-pairs', store.keyPairs),
    ...rooted('keys', store.keys),
    ...plain('tokens', store.tokens),
  ];
}

/**
 * Reads the name of the entry to rotate.
 * @throws UsageError for an unknown kind of entry, for a missing step, and for a step where none is allowed
 */
export function readTarget(words: string, step: RotationStep | undefined): Target {
  const [kind = '', ...rest] = words.replace(/\/+$/, '').split('/');
  const id = rest.length > 0 ? rest.join('/') : null;
  if (kind === 'tokens' || kind === 'certificates') {
    if (step !== undefined) throw new UsageError(`${kind} are rotated in one step, without \`--step\`.`);
    return { kind, id };
  }
  if (kind === 'keys' && rest[0] === CEPH_KEYS && id !== null) {
    if (step !== undefined) throw new UsageError("Ceph's keys are rotated in one step, without `--step`.");
    return { kind: 'cephKeys', id };
  }
  const root = ({ authorities: 'authorities', 'key-pairs': 'keyPairs', keys: 'keys' } as const)[kind];
  if (root === undefined || id === null) throw unknownWords(words);
  if (step === undefined) throw stepMissing(words);
  return { kind: root, id, step };
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function unknownWords(words: string): UsageError {
  return new UsageError(
    `\`${words}\` is not an entry that can be rotated.`,
    'write `tokens`, `tokens/NODE`, `certificates`, `certificates/nodes/NODE`, `authorities/NAME`, `key-pairs/NAME`, `keys/NAME` or `keys/ceph/NAME`',
  );
}

function stepMissing(words: string): UsageError {
  return new UsageError(
    `\`${words}\` is rotated in several steps: all nodes must know the new value before the old one is removed.`,
    'add `--step stage`, and later `--step activate` and `--step retire`; see docs/SECRETS.md',
  );
}
