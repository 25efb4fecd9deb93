/**
 * The trees as a build would make them, without making a key: what stands in the secrets store is taken, what a build would
 * issue is left open, so that a review says the same each time. Writes nothing.
 */
import type { Node } from '../config/cluster.ts';
import { ClosedStore } from '../pki/errors.ts';
import { storeFiles } from '../pki/files.ts';
import { standingStore } from '../pki/issue.ts';
import { needsOf } from '../pki/needs.ts';
import { IncompleteStore, type Store } from '../pki/store-model.ts';
import type { StoreFile } from '../pki/store-file.ts';
import { openStore } from '../pki/store.ts';
import { withForeseen } from '../render/store-files.ts';
import type { DraftTree, PendingReason } from '../render/tree.ts';
import { count } from './comparison-text.ts';
import type { Project } from './project.ts';
import { identitiesFor, storePath, type IdentityOptions } from './secrets-store.ts';
import type { CommonOptions, Session } from './session.ts';

/** By name of the node. */
export type Drafts = ReadonlyMap<string, DraftTree>;

/**
 * The trees of the nodes that were asked for, with everything that is known of what they get from the store.
 * @throws SecretsError for a store that a build would refuse, too
 */
export async function foreseeSecrets(
  project: Project,
  options: CommonOptions & IdentityOptions,
  session: Session,
): Promise<Drafts> {
  const { cluster, nodes, trees } = project;
  const store = await readStanding(project, options, session);
  const draft = (node: Node): DraftTree => {
    const files = storeFiles(cluster, node).map((file) => ({ ...file, content: contentOf(file, store) }));
    return withForeseen(trees.get(node.name) ?? [], files, cluster);
  };
  return new Map(nodes.map((node) => [node.name, draft(node)]));
}

async function readStanding(
  { cluster, folder }: Project,
  options: CommonOptions & IdentityOptions,
  session: Session,
): Promise<Store | PendingReason> {
  try {
    const opened = await openStore(storePath(cluster, folder), identitiesFor(options, session));
    return opened === null ? 'not-issued-yet' : standingStore(opened.store, needsOf(cluster));
  } catch (error) {
    if (!(error instanceof ClosedStore)) throw error;
    const { file } = cluster.secrets;
    const note = `${error.message}\nSo of what comes from ${file}, paths, modes and owners are shown, but not what changes.\n`;
    if (options.log !== 'silent') session.stderr.write(note);
    return 'cannot-be-opened-here';
  }
}

function contentOf(file: StoreFile, store: Store | PendingReason): Uint8Array | PendingReason {
  if (typeof store === 'string') return store;
  try {
    return file.content(store);
  } catch (error) {
    if (error instanceof IncompleteStore) return 'not-issued-yet';
    throw error;
  }
}

/** How many secrets a tree has, and how many files that nobody knows yet, which all have the same reason. */
export function secretWords(tree: DraftTree, manner = ''): string[] {
  const secrets = tree.filter((entry) => entry.type === 'file' && entry.secret).length;
  const pending = tree.filter((entry) => entry.type === 'pending');
  const reason = pending[0]?.reason.replaceAll('-', ' ') ?? '';
  return [
    ...(secrets > 0 ? [`${count(secrets, 'secret')}${manner}`] : []),
    ...(pending.length > 0 ? [`${count(pending.length, 'file')} ${reason}`] : []),
  ];
}
