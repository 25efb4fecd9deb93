/**
 * Finds the manifests that images carry as artifacts: in the folder of `--artifacts`, else by the URL and the digest in the
 * lock. Nodes apply manifests with an administrator's rights, so none is downloaded without a digest in the lock.
 */
import { join } from 'node:path';
import type { Cluster } from '../../config/cluster.ts';
import { remoteManifests, type RemoteManifest } from '../../config/content/kubernetes-manifests.ts';
import { wrongDigest } from './download.ts';
import { readLocal } from './local-folder.ts';
import type { LayerFile } from './layer-file.ts';

interface FoundManifests {
  readonly files: readonly LayerFile[];
  /** Neither in the folder nor in the lock. */
  readonly missing: readonly RemoteManifest[];
}

/**
 * The manifests of the whole cluster; only masters carry them.
 * @param folder of `--artifacts`
 * @throws BuildError exit 7 when one in the folder does not match the lock
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
