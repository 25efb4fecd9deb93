/** Manifests that OpenShift's installer takes from the folder `openshift` beside its definition. */
import type { Field } from '../input/field.ts';
import { isSecretManifest } from '../input/secrets.ts';
import { putKubeletField } from '../kubernetes/kubelet.ts';
import type { Draft, NodeDraft } from '../model.ts';
import type { Folder } from './format.ts';
import { addManifest } from './talos/manifests.ts';

const POOL = 'pools.operator.machineconfiguration.openshift.io/';

export function readManifests(folder: Folder, draft: Draft): void {
  for (const name of folder.below('openshift')) {
    const documents = /\.ya?ml$/.test(name) ? folder.open(name) : undefined;
    if (!documents) {
      folder.lose(name, 'it is no manifest, or is not readable', 'look whether the cluster needs it');
      continue;
    }
    const isOfOpenshift = documents.some((root) =>
      /openshift\.io|coreos\.com/.test(root.get('apiVersion')?.text() ?? ''),
    );
    if (isOfOpenshift) documents.forEach((root) => readConfig(root, draft));
    else copy(name, folder, documents, draft);
  }
}

/** A document of OpenShift's own APIs. */
function readConfig(root: Field, { nodes }: Draft): void {
  const kind = root.get('kind')?.text() ?? '';
  const fields = kind === 'KubeletConfig' ? root.get('spec', 'kubeletConfig') : undefined;
  if (fields) {
    for (const one of fields.fields()) putKubeletField(one, poolOf(root, nodes));
    return root.skip("it is about OpenShift's own document");
  }
  const name = root.get('metadata', 'name')?.text() ?? '';
  const [reason, todo] =
    kind === 'MachineConfig'
      ? ["only OpenShift's system reads it", 'write its files, units and kernel arguments into `files`, `units` and `kernel_args`'] // prettier-ignore
      : ['only OpenShift has this API', 'look for a manifest of upstream that does the same'];
  root.lose(reason, todo, `${kind} ${name}`);
}

/** The nodes of the pool that a document is for; all if it says none that is known. */
function poolOf(root: Field, nodes: readonly NodeDraft[]): readonly NodeDraft[] {
  const labels = root.get('spec', 'machineConfigPoolSelector', 'matchLabels');
  const pools = (labels?.fields() ?? []).flatMap(({ key }) => (key.startsWith(POOL) ? [key.slice(POOL.length)] : []));
  if (pools.includes('master')) return nodes.filter(({ isMaster }) => isMaster);
  return pools.includes('worker') ? nodes.filter(({ isMaster }) => !isMaster) : nodes;
}

function copy(name: string, folder: Folder, documents: readonly Field[], draft: Draft): void {
  const text = folder.text(name) ?? '';
  const file = `manifests/${name.split('/').at(-1) ?? ''}`;
  if (isSecretManifest(text))
    return folder.lose(name, 'it seems to hold a secret', `save it as \`${file}\`, and name it in \`cluster.kubernetes.manifests\``); // prettier-ignore
  for (const { ledger, tree } of documents) ledger.settle(tree);
  draft.files.set(file, text);
  addManifest(file, { draft }, undefined);
}
