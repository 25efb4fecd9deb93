/** The files beside Edge Image Builder's definition (the page of suse-edge/edge-image-builder about building images). */
import { isSecretManifest } from '../input/secrets.ts';
import type { Draft } from '../model.ts';
import type { Folder } from './format.ts';
import { addManifest } from './talos/manifests.ts';

type Advice = readonly [reason: string, todo: string];

/** What to do with the files of a folder; the first that fits. */
const ADVICE: readonly (readonly [folder: string, ...Advice])[] = [
  ['custom/scripts', "it runs at the first boot of SUSE's system", 'write it as a hook in `cluster.hooks`, if Debian needs it'],
  ['custom/files', 'it is for the scripts beside it', 'add it to `cluster.files`, if a hook needs it'],
  ['certificates', 'coldstart adds no certificates to those that Debian trusts', 'add it to `cluster.files` below `/usr/local/share/ca-certificates`, and a hook that runs `update-ca-certificates`'],
  ['rpms', "it is a package of SUSE's", 'look for a Debian package and add it to `cluster.image.packages`'],
  ['elemental', "SUSE's Elemental does not manage Debian nodes of coldstart", 'look at `coldstart update`'],
  ['kubernetes/helm', 'coldstart installs no Helm charts', 'write the manifests with `helm template`, and name them in `cluster.kubernetes.manifests`'],
  ['network', 'it is no definition in the notation of nmstate', 'write the network of each machine into `nodes/<name>.yaml`'],
  ['kubernetes/config', 'k3s and RKE2 have `server.yaml` and `agent.yaml` there', 'look whether the file is needed'],
]; // prettier-ignore

/** @param opened the files that have been read, by name */
export function readFiles(folder: Folder, draft: Draft, opened: ReadonlySet<string>): void {
  for (const [below, reason, todo] of ADVICE)
    for (const name of folder.below(below)) if (!opened.has(name)) folder.lose(name, reason, todo);
  for (const name of folder.below('kubernetes/manifests')) readManifest(name, folder, draft);
  for (const name of folder.below('os-files')) readSystemFile(name, folder, draft);
}

function readManifest(path: string, folder: Folder, draft: Draft): void {
  const text = folder.text(path);
  const file = `manifests/${path.split('/').at(-1) ?? ''}`;
  const todo = `save it as \`${file}\`, and name it in \`cluster.kubernetes.manifests\``;
  if (!/\.ya?ml$/.test(path)) return folder.lose(path, 'manifests have names that end in `.yaml`', todo);
  if (text === undefined) return folder.lose(path, 'it cannot be read, or has more than 4 MiB', todo);
  if (isSecretManifest(text)) return folder.lose(path, 'it seems to hold a secret', todo);
  draft.files.set(file, text);
  addManifest(file, { draft }, undefined);
}

/** Files of the system, which coldstart has in `overlays`. */
function readSystemFile(path: string, folder: Folder, draft: Draft): void {
  const place = path.slice('os-files/'.length);
  const text = folder.text(path);
  const todo = `if Debian needs it, copy it to \`overlays/common/${place}\``;
  if (/(^|\/)rancher\//.test(place)) return folder.lose(path, 'it is for k3s or RKE2', 'write manifests for Kubernetes, and name them in `cluster.kubernetes.manifests`'); // prettier-ignore
  if (/^(var|run|tmp|dev|proc|sys)\//.test(place)) return folder.lose(path, 'the image holds no files there', 'write it with a hook, or a file of tmpfiles.d'); // prettier-ignore
  if (text === undefined || text.includes('\ufffd')) return folder.lose(path, 'it is no text, or has more than 4 MiB', todo); // prettier-ignore
  if (isSecretManifest(text)) return folder.lose(path, 'it seems to hold a secret', 'give it in `cluster.files` with `source` and `secret: true`, and do not commit the source'); // prettier-ignore
  draft.files.set(`overlays/common/${place}`, text);
}
