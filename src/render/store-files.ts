/**
 * The files of a node that come from the secrets store: planned, so that nothing else takes their places; added to a tree
 * once their contents are at hand; or shown as pending where they are not.
 */
import type { Cluster, Node } from '../config/cluster.ts';
import { storeFiles } from '../pki/files.ts';
import type { SecretFile, StoreFile } from '../pki/store-file.ts';
import type { Fault } from './fault.ts';
import { merge, type Merged } from './merge.ts';
import type { PlannedEntry } from './recipe.ts';
import { withEntries, type DraftTree, type FileTree, type Origin, type PendingReason } from './tree.ts';

/** What the plan says about them, and what is in their way among everything else that the node is to have. */
export function planStoreFiles(
  cluster: Cluster,
  node: Node,
  others: readonly Merged<PlannedEntry>[],
): { readonly planned: readonly PlannedEntry[]; readonly faults: readonly Fault[] } {
  const origin = originIn(cluster);
  const planned = storeFiles(cluster, node).map(({ path, mode, uid, gid, secret, settings }): PlannedEntry => {
    return { path, type: 'file', mode, uid, gid, secret, origin: origin(settings) };
  });
  return { planned, faults: others.flatMap((other) => merge({ ...other, faults: [] }, planned).faults) };
}

/** The tree with these files of its node. */
export function withSecrets(tree: FileTree, files: readonly SecretFile[], cluster: Cluster): FileTree {
  const origin = originIn(cluster);
  return withEntries(
    tree,
    files.map(({ settings, ...file }) => ({ ...file, type: 'file' as const, origin: origin(settings) })),
  );
}

/** What is to come from the store: a content, or why there is none. */
type Foreseen = Omit<StoreFile, 'content'> & { readonly content: Uint8Array | PendingReason };

/** The tree with these files of its node, as far as they are known. */
export function withForeseen(tree: FileTree, files: readonly Foreseen[], cluster: Cluster): DraftTree {
  const origin = originIn(cluster);
  const entries = files.map(({ content, settings, ...file }): DraftTree[number] =>
    typeof content === 'string'
      ? { ...file, type: 'pending', reason: content, origin: origin(settings) }
      : { ...file, type: 'file', content, origin: origin(settings) },
  );
  return withEntries<DraftTree[number]>(tree, entries);
}

function originIn({ secrets }: Cluster): (settings: readonly string[]) => Origin {
  return (settings) => ({ kind: 'secrets-store', source: secrets.file, settings });
}
