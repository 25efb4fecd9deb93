/** `secrets`: shows, completes and rotates the entries of the secrets store. Never shows a value. */
import { resolve } from 'node:path';
import type { Cluster } from '../config/cluster.ts';
import { takesUpdates } from '../config/formats.ts';
import { loadCluster, type LoadedCluster } from '../config/load.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import { expiries, type Expiry } from '../pki/certificates/expiry.ts';
import { storeFindings } from '../pki/certificates/findings.ts';
import { keepStore } from '../pki/store/keep.ts';
import { systemRandomness } from '../pki/issue/randomness.ts';
import type { Target } from '../pki/issue/rotate.ts';
import { openStore } from '../pki/store/store.ts';
import { Findings } from './findings.ts';
import type { Host } from './host.ts';
import { fromProcess, openProject } from './project.ts';
import { entriesOf, type StoreEntry } from './secrets/store-entries.ts';
import { storePath } from './secrets/store-path.ts';
import { definitionsOf } from './secrets/updates.ts';

interface SecretsRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
}

export interface ShownSecrets {
  /** The store, as the definition names it. */
  readonly file: string;
  /** Null when there is no store yet. */
  readonly store: {
    /** Name of the cluster that the store belongs to. */
    readonly cluster: string;
    readonly encrypted: boolean;
    readonly entries: readonly (StoreEntry & { readonly expiry: Expiry | undefined })[];
  } | null;
}

/** @throws SecretsError when the store cannot be opened */
export async function showSecrets({ config }: SecretsRequest, host: Host): Promise<Result<ShownSecrets>> {
  const findings = new Findings(host);
  const loaded = await loadDefinition(config, findings);
  if (loaded === undefined) return findings.stopped();
  const { cluster, folder, frame } = loaded;
  const { file } = cluster.secrets;
  const opened = await openStore(storePath(cluster, folder), host.identities);
  if (opened === null) return findings.done({ file, store: null });
  const now = new Date();
  const ends = new Map(expiries(opened.store, now).map((expiry) => [expiry.id, expiry]));
  const entries = entriesOf(opened.store).map((entry) => ({ ...entry, expiry: ends.get(entry.id) }));
  findings.add(storeFindings(opened, file, now), frame);
  return findings.done({ file, store: { cluster: opened.store.cluster, encrypted: opened.encrypted, entries } });
}

/**
 * Completes the store, after a step of a rotation if `rotation` is given.
 * @returns whether it was done; the host receives the changes
 * @throws SecretsError when the store cannot be opened or written, or has no entry of that name
 */
export async function keepSecrets(
  { config, rotation }: SecretsRequest & { readonly rotation: Target | undefined },
  host: Host,
): Promise<Result<true>> {
  const findings = new Findings(host);
  const loaded = await loadDefinition(config, findings);
  if (loaded === undefined) return findings.stopped();
  const { cluster, folder, frame } = loaded;
  const { file } = cluster.secrets;
  const project = takesUpdates(cluster) ? await openProject({ config, nodes: [] }, findings) : null;
  if (project === undefined) return findings.stopped();
  const numbered = project === null ? {} : { definitions: definitionsOf(project, cluster.nodes) };
  const by = { now: new Date(), random: systemRandomness };
  const request = { cluster, path: storePath(cluster, folder), by, identities: host.identities, save: true };
  const kept = await keepStore({ ...request, ...numbered, ...(rotation ? { rotation } : {}) });
  host.onSecretsKept(kept, file);
  findings.add(storeFindings(kept, file, by.now), frame);
  return findings.done(true);
}

async function loadDefinition(
  config: string | undefined,
  findings: Findings,
): Promise<(Pick<LoadedCluster, 'folder' | 'frame'> & { readonly cluster: Cluster }) | undefined> {
  const { value: cluster, diagnostics, folder, frame } = await loadCluster(fromProcess(findings.host, config ?? '.'));
  if (!findings.add(diagnostics, frame)) return undefined;
  if (cluster === undefined) throw new Error('a stage failed without a diagnostic');
  return { cluster, folder: resolve(folder), frame };
}
