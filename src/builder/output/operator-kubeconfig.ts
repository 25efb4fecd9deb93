/**
 * The operator's kubeconfig in the output folder. It is a secret, and it is copied to administrators separately from the
 * images. So neither SHA256SUMS nor the manifest lists it; both stay valid for a copy of the images without it.
 */
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const KUBECONFIG_FILE = 'kubeconfig';
const MODE = 0o600;

/** Whether the folder holds exactly this content, readable by its owner only. @param content null for no kubeconfig */
export async function isKubeconfigCurrent(folder: string, content: Uint8Array | null): Promise<boolean> {
  const path = join(folder, KUBECONFIG_FILE);
  const standing = await readFile(path).catch(() => null);
  if (standing === null || content === null) return standing === content;
  return standing.equals(content) && (await isOwnersAlone(folder)) === true;
}

/** Whether only its owner may read it; null when there is no kubeconfig. */
export async function isOwnersAlone(folder: string): Promise<boolean | null> {
  return stat(join(folder, KUBECONFIG_FILE)).then(
    ({ mode }) => (mode & 0o077) === 0,
    () => null,
  );
}

/** Puts it in place atomically, or removes the former one. @param staging on the same file system */
export async function publishKubeconfig(folder: string, staging: string, content: Uint8Array | null): Promise<void> {
  if (content === null) return rm(join(folder, KUBECONFIG_FILE), { force: true });
  const made = join(staging, KUBECONFIG_FILE);
  await writeFile(made, content, { mode: MODE });
  await chmod(made, MODE); // regardless of the umask
  await rename(made, join(folder, KUBECONFIG_FILE));
}
