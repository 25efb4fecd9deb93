/**
 * Reasons to refuse a build of a valid definition: manifests that the lock does not pin, an invalid secrets store. `check`
 * reports them with the same messages as a build. Problems that only a key shows are reported by the build.
 */
import { remoteManifests } from '../../config/content/kubernetes-manifests.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { isEncrypted } from '../../pki/store/age.ts';
import { ClosedStore, SecretsError } from '../../pki/errors.ts';
import { storeFindings } from '../../pki/certificates/findings.ts';
import { standingStore } from '../../pki/issue/issue.ts';
import { needsOf } from '../../pki/issue/needs.ts';
import { openStore, readStore, requireRecipients } from '../../pki/store/store.ts';
import type { Host } from '../host.ts';
import { endingSupport } from './support.ts';
import { unprotected } from './pins.ts';
import type { Project } from '../project.ts';
import { storePath } from '../secrets/store-path.ts';

/**
 * @param folder of `--artifacts`
 * @returns diagnostics; only a warning for the drivers for Ceph volumes, which the definition does not name itself
 */
export async function preconditions(project: Project, folder: string | null, host: Host): Promise<Diagnostic[]> {
  const { cluster, settings } = project;
  const implied = remoteManifests(cluster).filter(
    ({ settings: by }) => !by.some((setting) => settings.isWritten(setting)),
  );
  return [
    ...endingSupport(project, host.now),
    ...(await unprotected(project, folder, implied)),
    ...(await storeDiagnostics(project, host)),
  ];
}

async function storeDiagnostics(project: Project, host: Host): Promise<Diagnostic[]> {
  const { cluster, folder } = project;
  const { file, recipients } = cluster.secrets;
  const path = storePath(cluster, folder);
  try {
    const read = await readStore(path);
    if (read !== null && isEncrypted(read.content)) requireRecipients(path, recipients);
    const opened = await openStore(path, host.identities);
    if (opened === null) return [];
    standingStore(opened.store, needsOf(cluster));
    return storeFindings(opened, file, new Date());
  } catch (error) {
    if (error instanceof ClosedStore) return [];
    if (!(error instanceof SecretsError)) throw error;
    const at = { file, line: error.line ?? 1, column: 1, length: 1, path: '' };
    const code = error.exitCode === 3 ? 'secrets/unsupported-version' : 'secrets/unusable';
    return [diagnostic(code, { reason: error.message.replaceAll(path, file) }, { at, hint: error.hint })];
  }
}
