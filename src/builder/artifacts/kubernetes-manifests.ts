/**
 * Finds the manifests that images carry as artifacts: in the folder of `--artifacts`, else by the URL and the digest of the
 * lock. What is applied with an administrator's rights is taken from nobody's word alone: without either, there is none.
 */
import { join } from 'node:path';
import type { Cluster } from '../../config/cluster.ts';
import { remoteManifests, type RemoteManifest } from '../../config/content/kubernetes-manifests.ts';
import { wrongDigest } from './download.ts';
import { readLocal } from './local-folder.ts';
import type { LayerFile } from './layer-file.ts';

interface FoundManifests {
  readonly files: readonly LayerFile[];
  /** Neither in the folder nor pinned. */
  readonly missing: readonly RemoteManifest[];
}

/**
 * Of the whole cluster; they are for masters.
 * @param folder of `--artifacts`
 * @throws BuildError exit 7 when one in the folder is not what the lock says
 */
export async function findManifests(cluster: Cluster, folder: string | null): Promise<FoundManifests> {
  const files: LayerFile[] = [];
  const missing: RemoteManifest[] = [];
  for (const manifest of remoteManifests(cluster)) {
    const { name, url, path, sha256: pinned } = manifest;
    const local = folder === null ? null : await readLocal(join(folder, name));
    if (local !== null && pinned !== null && local.sha256 !== pinned) {
      throw wrongDigest(name, local.path, pinned, local.sha256);
    }
    const sha256 = local?.sha256 ?? pinned;
    if (sha256 === null) missing.push(manifest);
    else files.push({ name, path, mode: 0o600, sha256, source: local === null ? { url } : { file: local.path } });
  }
  return { files, missing };
}
