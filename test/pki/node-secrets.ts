/** The files that nodes, and the operator, get from a store. */
import type { Cluster, Node } from '../../src/config/cluster.ts';
import type { Store } from '../../src/pki/store/model.ts';
import * as admin from '../../src/render/admin-kubeconfig.ts';
import { wholeNode } from '../../src/render/plan/plan.ts';
import type { FileEntry } from '../../src/render/tree/tree.ts';
import { SOURCES } from '../render/sources.ts';

/** The files of the node that take values from the store, sorted by path. @throws IncompleteStore */
export function nodeSecrets(store: Store, cluster: Cluster, node: Node): FileEntry[] {
  const tree = wholeNode(cluster, node, SOURCES, store);
  return tree.filter((entry): entry is FileEntry => entry.type === 'file' && entry.origin.holes !== undefined);
}

export const adminKubeconfig = (store: Store, cluster: Cluster): Uint8Array =>
  admin.adminKubeconfig(cluster, SOURCES, store);
