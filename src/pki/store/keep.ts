/**
 * Keeps the store of a cluster on disk in line with its definition: reads it, takes a step of a rotation if requested,
 * completes it and writes it back. Builds and commands call this module.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../config/cluster.ts';
import { ChangedMeanwhile, SecretsError } from '../errors.ts';
import { completeStore, type Circumstances, type Outcome } from '../issue/issue.ts';
import { needsOf } from '../issue/needs.ts';
import { countReleases } from '../issue/releases.ts';
import type { Change } from '../issue/reconcile.ts';
import { rotate, type Target } from '../issue/rotate.ts';
import { noteStep } from '../issue/rotation-releases.ts';
import type { Secret } from '../secret.ts';
import type { Store } from './model.ts';
import { openStore, saveStore } from './store.ts';

interface KeepRequest {
  readonly cluster: Cluster;
  /** The file; `cluster.secrets.file` in the folder of the definition. */
  readonly path: string;
  /** Called only when the file is encrypted. */
  readonly identities: () => Promise<readonly Secret[]>;
  readonly by: Circumstances;
  /** False for a dry run: everything is made, nothing is written. */
  readonly save: boolean;
  readonly rotation?: Target;
  /** Digests of the nodes' definitions with a store; those that changed get the next release number. */
  readonly definitions?: (store: Store) => ReadonlyMap<string, string>;
}

export interface Kept {
  readonly store: Store;
  readonly changes: readonly Change[];
  /** Whether the file was written. */
  readonly written: boolean;
  /** Whether the file is encrypted, or will be when it is written. */
  readonly encrypted: boolean;
  /** Whether users other than its owner can read it. */
  readonly exposed: boolean;
}

/** Number of attempts while other processes write the same store; each attempt takes some milliseconds. */
const MOST_TRIES = 50;

/**
 * Several commands may call this at the same time: the later one continues from the store that the first has written.
 * @throws SecretsError as `openStore`, `rotate`, `completeStore` and `saveStore` do
 */
export async function keepStore(request: KeepRequest): Promise<Kept> {
  for (let tries = 1; ; tries++) {
    try {
      return await keepOnce(request);
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || tries === MOST_TRIES) throw error;
      // A random delay, or two processes that met would meet again.
      await delay(20 + (request.by.random.bytes(1)[0] ?? 0));
    }
  }
}

async function keepOnce({ cluster, path, identities, by, save, rotation, definitions }: KeepRequest): Promise<Kept> {
  const { recipients } = cluster.secrets;
  const opened = await openStore(path, identities);
  if (opened === null && rotation !== undefined) throw nothingYet(path);
  const needs = needsOf(cluster);
  const settle = async (former: Store | null): Promise<Outcome> => {
    const complete = await completeStore(former, needs, by);
    const counted = countReleases(complete.store, definitions?.(complete.store) ?? new Map());
    return { store: counted.store, changes: [...complete.changes, ...counted.changes] };
  };
  /** The releases that a step makes are told from those of other changes, so these are counted first. */
  const turn = async (settled: Outcome, target: Target): Promise<Outcome> => {
    const turned = await rotate(settled.store, target, needs, by);
    const { store, changes } = await settle(turned.store);
    return {
      store: definitions === undefined ? store : noteStep(store, target, settled.store),
      changes: [...settled.changes, ...turned.changes, ...changes],
    };
  };
  const settled = await settle(opened?.store ?? null);
  const { store, changes } = rotation === undefined ? settled : await turn(settled, rotation);
  const written = save && (await saveStore(path, store, recipients, opened));
  return {
    ...{ store, changes, written },
    ...{ encrypted: recipients.length > 0, exposed: opened !== null && opened.exposed && !written },
  };
}

function nothingYet(path: string): SecretsError {
  return new SecretsError(`There is no \`${path}\` yet, so nothing can be rotated.`, {
    hint: '`coldstart build` makes it, or `coldstart secrets issue`',
  });
}
