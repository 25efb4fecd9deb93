/**
 * Numbers the definitions of each node, so that a node can tell an update from an older one. A build is deterministic and has no
 * clock; so the store counts: a node whose files or settings differ from those that have its number gets the next number. The
 * number of a removed node stays, because a machine that comes back under its name may still run.
 */
import type { Release, Store } from '../store/model.ts';
import type { Change } from './reconcile.ts';
import type { Outcome } from './issue.ts';

/** @param inputs by node, a digest of all that makes its image, without the number */
export function countReleases(store: Store, inputs: ReadonlyMap<string, string>): Outcome {
  const changed = [...inputs].filter(([node, digest]) => known(store, node)?.inputs !== digest);
  if (changed.length === 0) return { store, changes: [] };
  const next = changed.map(([node, digest]): [string, Release] => {
    return [node, { number: releaseOf(store, node) + 1, inputs: digest }];
  });
  const changes = next.map(([node, { number }]): Change => {
    const did = number === 1 ? 'made' : 'made anew';
    return { did, what: `the release number of \`${node}\``, why: number === 1 ? null : `its image changes` };
  });
  return { store: { ...store, releases: { ...store.releases, ...Object.fromEntries(next) } }, changes };
}

/** The number of a node's present definition; 0 if it has none yet. */
export const releaseOf = (store: Store, node: string): number => known(store, node)?.number ?? 0;

const known = ({ releases }: Store, node: string): Release | undefined =>
  Object.hasOwn(releases, node) ? releases[node] : undefined;
