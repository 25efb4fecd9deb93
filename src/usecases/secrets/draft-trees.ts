/**
 * The trees of a build, without making keys: secrets in the store are used, secrets that a build would issue get placeholders.
 * So a review gives the same result each time. Writes nothing.
 */
import { ClosedStore } from '../../pki/errors.ts';
import { standingStore } from '../../pki/issue/issue.ts';
import { needsOf } from '../../pki/issue/needs.ts';
import type { Store } from '../../pki/store/model.ts';
import { openStore } from '../../pki/store/store.ts';
import { draftNode } from '../../render/plan/plan.ts';
import type { DraftTree } from '../../render/tree/tree.ts';
import type { Host } from '../host.ts';
import type { Project } from '../project.ts';
import { storePath } from './store-path.ts';

/** By name of the node. */
export type Drafts = ReadonlyMap<string, DraftTree>;

/** A store that cannot be opened here, so a review does not know the secrets. */
export interface Closed {
  /** The store, as the definition names it. */
  readonly file: string;
  readonly error: ClosedStore;
}

interface DraftedTrees {
  readonly trees: Drafts;
  readonly closed: Closed | null;
}

/**
 * The trees of the requested nodes, with the known secrets of the store.
 * @throws SecretsError for a store that a build would refuse, too
 */
export async function draftTrees(project: Project, host: Host): Promise<DraftedTrees> {
  const { cluster, nodes, sources, drafts } = project;
  const store = await readStanding(project, host);
  const known = store instanceof ClosedStore ? 'cannot-be-opened-here' : store;
  const drafted = () => new Map(nodes.map((node) => [node.name, draftNode(cluster, node, sources, known)]));
  return {
    trees: known === 'not-issued-yet' ? drafts : drafted(),
    closed: store instanceof ClosedStore ? { file: cluster.secrets.file, error: store } : null,
  };
}

async function readStanding({ cluster, folder }: Project, host: Host): Promise<Store | 'not-issued-yet' | ClosedStore> {
  try {
    const opened = await openStore(storePath(cluster, folder), host.identities);
    return opened === null ? 'not-issued-yet' : standingStore(opened.store, needsOf(cluster));
  } catch (error) {
    if (error instanceof ClosedStore) return error;
    throw error;
  }
}
