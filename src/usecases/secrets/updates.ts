/** What an update bundle needs of the secrets store: who signs it, and the release numbers of the nodes. */
import { X509Certificate } from 'node:crypto';
import { digestOf, sha256 } from '../../builder/system/digest.ts';
import type { Updates } from '../../builder/update/bundle.ts';
import type { Cluster, Node } from '../../config/cluster.ts';
import { takesUpdates } from '../../config/formats.ts';
import { UPDATE_SIGNER } from '../../pki/issue/needs.ts';
import { releaseOf } from '../../pki/issue/releases.ts';
import { entry, type Store } from '../../pki/store/model.ts';
import { draftNode } from '../../render/plan/plan.ts';
import { inventory } from '../../render/tree/inventory.ts';
import { updatesItself } from '../../config/fetching.ts';
import { UPDATE_CONFIG } from '../../render/views/node/update.ts';
import type { Project } from '../project.ts';

/**
 * Digests of what makes the images of these nodes, by name, except for the release number itself. A package that Debian has
 * renewed is no new release: the base layer's key does not change, either.
 */
export const definitionsOf =
  ({ cluster, plan, sources }: Pick<Project, 'cluster' | 'plan' | 'sources'>, nodes: readonly Node[]) =>
  (store: Store): ReadonlyMap<string, string> => {
    const plans = new Map(plan.nodes.map((image) => [image.node, image]));
    const { formats: _formats, ...image } = cluster.image;
    const counted = nodes.filter((node) => updatesItself(cluster, node));
    return new Map(
      counted.map((node) => {
        const tree = draftNode(cluster, node, sources, store).filter(({ path }) => path !== UPDATE_CONFIG);
        const { packages, kernelArgs } = plans.get(node.name) ?? {};
        const files = sha256(inventory(tree));
        return [node.name, digestOf({ files, image, packages, kernelArgs, lock: cluster.lock })];
      }),
    );
  };

/** Null for a cluster whose nodes take no updates. @throws IncompleteStore */
export async function updatesWith(cluster: Cluster, store: Store): Promise<Updates | null> {
  if (!takesUpdates(cluster)) return null;
  const signer = entry(store.certificates, UPDATE_SIGNER);
  const { signCms } = await import('../../pki/certificates/cms.ts');
  return {
    cluster: cluster.name,
    kubernetes: cluster.kubernetes.version,
    signer: { id: sha256(new X509Certificate(signer.certificate).raw), sign: (content) => signCms(content, signer) },
    releaseOf: (node) => releaseOf(store, node),
  };
}
