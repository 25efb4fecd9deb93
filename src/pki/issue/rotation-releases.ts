/**
 * In which releases the nodes have each step of a rotation. A step must not reach a node before all nodes have the step before it:
 * otherwise one node would use a key that another one does not trust. The nodes tell which release they run.
 */
import type { Generations, RotationStep, Store } from '../store/model.ts';
import { releaseOf } from './releases.ts';
import type { Target } from './rotate.ts';

/** Words for the entries of a store that are rotated in steps, and their records. */
const ROOTS = {
  authorities: ({ authorities }: Store) => authorities,
  'key-pairs': ({ keyPairs }: Store) => keyPairs,
  keys: ({ keys }: Store) => keys,
} satisfies Readonly<Record<string, (store: Store) => Readonly<Record<string, Generations<unknown>>>>>;

const WORDS = { authorities: 'authorities', keyPairs: 'key-pairs', keys: 'keys' } as const;

/** @param store after a step whose releases have been counted. @param before the store before it */
export function noteStep(store: Store, target: Target, before: Store): Store {
  if (!('step' in target) || target.step === 'retire') return store;
  const id = `${WORDS[target.kind]}/${target.id}`;
  const changed = Object.keys(store.releases).filter((node) => releaseOf(store, node) !== releaseOf(before, node));
  const releases = Object.fromEntries(changed.map((node) => [node, releaseOf(store, node)]));
  const stage = target.step === 'stage' ? releases : (store.rotations[id]?.stage ?? {});
  const steps = { stage, activate: target.step === 'activate' ? releases : {} };
  return { ...store, rotations: { ...store.rotations, [id]: steps } };
}

export interface Precondition {
  /** E.g. `authorities/etcd`. */
  readonly id: string;
  readonly step: RotationStep;
  /** The step that each node must have before any node gets `step`. */
  readonly before: RotationStep;
  /** By node, the first release that has the step before. */
  readonly releases: Readonly<Record<string, number>>;
}

/** What must run on the nodes before the present state of the store may reach any of them. */
export function preconditions(store: Store): Precondition[] {
  return Object.entries(ROOTS).flatMap(([kind, recordOf]) =>
    Object.entries<Generations<unknown>>(recordOf(store)).flatMap(([name, { next, previous }]): Precondition[] => {
      const id = `${kind}/${name}`;
      const steps = store.rotations[id];
      if (steps === undefined || next !== null) return [];
      return previous === null
        ? [{ id, step: 'retire', before: 'activate', releases: steps.activate }]
        : [{ id, step: 'activate', before: 'stage', releases: steps.stage }];
    }),
  );
}
