/**
 * The operator's kubeconfig in the output folder. It is a secret that leaves the folder by itself, to whoever is to be
 * administrator; so neither SHA256SUMS nor the manifest names it, and both stay good wherever the images alone are taken.
 */
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const KUBECONFIG_FILE = 'kubeconfig';
const MODE = 0o600;

/** Whether the folder holds exactly this, for nobody but its owner; null for none at all. */
export async function isKubeconfigCurrent(folder: string, content: Uint8Array | null): Promise<boolean> {
  const path = join(folder, KUBECONFIG_FILE);
  const standing = await readFile(path).catch(() => null);
  if (standing === null || content === null) return standing === content;
  return standing.equals(content) && (await isOwnersAlone(folder)) === true;
}

/** Whether nobody but its owner may read it; null where there is none. */
export async function isOwnersAlone(folder: string): Promise<boolean | null> {
  return stat(join(folder, KUBECONFIG_FILE)).then(
    ({ mode }) => (mode & 0o077) === 0,
    () => null,
  );
}

/** Puts it in place in one step, or takes a former one away. @param staging on the same file system */
export async function publishKubeconfig(folder: string, staging: string, content: Uint8Array | null): Promise<void> {
  if (content === null) return rm(join(folder, KUBECONFIG_FILE), { force: true });
  const made = join(staging, KUBECONFIG_FILE);
  await writeFile(made, content, { mode: MODE });
  await chmod(made, MODE); // whatever the umask
  await rename(made, join(folder, KUBECONFIG_FILE));
}
