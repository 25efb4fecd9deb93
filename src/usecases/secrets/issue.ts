/**
 * The stage of a build that makes keys: completes the secrets store and saves it before any image is made, and adds each node's
 * secrets to its tree.
 */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { storeFindings } from '../../pki/certificates/findings.ts';
import { keepStore, type Kept } from '../../pki/store/keep.ts';
import { systemRandomness } from '../../pki/issue/randomness.ts';
import { describeChange } from '../../pki/issue/reconcile.ts';
import { adminKubeconfig } from '../../render/admin-kubeconfig.ts';
import { wholeNode } from '../../render/plan/plan.ts';
import type { Store } from '../../pki/store/model.ts';
import type { FileTree } from '../../render/tree/tree.ts';
import type { Updates } from '../../builder/update/bundle.ts';
import type { Node } from '../../config/cluster.ts';
import type { Findings } from '../findings.ts';
import type { Project } from '../project.ts';
import { storePath } from './store-path.ts';
import { definitionsOf, updatesWith } from './updates.ts';
import { isMaster } from '../../config/roles.ts';

export interface Issued {
  /** Trees of the requested nodes, by name, with their secrets. */
  readonly trees: ReadonlyMap<string, FileTree>;
  /** The operator's kubeconfig; null for a cluster without masters. */
  readonly kubeconfig: Uint8Array | null;
  /** What update bundles need; null for a cluster whose nodes take none. */
  readonly updates: Updates | null;
}

/** Reasons not to issue secrets. The diagnostic for each reports an incomplete store. */
const REFUSALS = { locked: 'secrets/not-issued', sharded: 'secrets/not-shared' } as const;
type Refusal = keyof typeof REFUSALS;

/**
 * Completes and saves the store, and renders the requested nodes with it. Undefined as for {@link issueStore}.
 * @throws SecretsError when the store cannot be opened or written
 */
export async function issueSecrets(
  project: Project,
  refusal: Refusal | null,
  findings: Findings,
): Promise<Issued | undefined> {
  const { cluster, nodes, sources } = project;
  const store = await issueStore(project, refusal, findings);
  if (store === undefined) return undefined;
  const trees = new Map(nodes.map((node) => [node.name, wholeNode(cluster, node, sources, store)]));
  const kubeconfig = cluster.nodes.some(isMaster) ? adminKubeconfig(cluster, sources, store) : null;
  return { trees, kubeconfig, updates: await updatesWith(cluster, store) };
}

/**
 * The complete store, saved. Undefined if a diagnostic is an error: certificates have expired, or the store is incomplete and
 * must stay as it is.
 * @param refusal why no secrets may be issued; an incomplete store is then an error
 * @param nodes whose definitions are numbered; by default those of the request
 * @throws SecretsError when the store cannot be opened or written
 */
export async function issueStore(
  project: Project,
  refusal: Refusal | null,
  findings: Findings,
  nodes: readonly Node[] = project.nodes,
): Promise<Store | undefined> {
  const { cluster, folder, settings } = project;
  const { file } = cluster.secrets;
  const { host } = findings;
  const now = new Date();
  const kept = await keepStore({
    ...{ cluster, path: storePath(cluster, folder), identities: host.identities },
    ...{ by: { now, random: systemRandomness }, save: refusal === null, definitions: definitionsOf(project, nodes) },
  });
  const refused = refusal === null ? [] : incomplete(kept, file, REFUSALS[refusal]);
  if (refused.length === 0) host.onSecretsKept(kept, file);
  if (!findings.add([...refused, ...storeFindings(kept, file, now)], settings.frame)) return undefined;
  return kept.store;
}

function incomplete({ changes }: Kept, file: string, code: (typeof REFUSALS)[Refusal]): Diagnostic[] {
  const [first] = changes;
  const values = first && { file, first: describeChange(first), count: quantity(changes.length, 'change') };
  return values ? [diagnostic(code, values)] : [];
}
