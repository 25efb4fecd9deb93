/** The operator's kubeconfig, which is stored beside the images: rendered like the kubeconfigs in them. */
import type { Cluster } from '../config/cluster.ts';
import type { Store } from '../pki/store/model.ts';
import { KUBECONFIG } from './catalog/credentials.ts';
import { templateOf, type Sources } from './plan/sources.ts';
import { operatorView } from './views/kubernetes/kubeconfig.ts';

/** Its file must have mode 0600. @throws IncompleteStore */
export function adminKubeconfig(cluster: Cluster, sources: Sources, store: Store): Uint8Array {
  const view = operatorView(cluster, (hole, as = (value) => value) => as(hole.read(store)));
  return Buffer.from(templateOf(sources, KUBECONFIG.template, KUBECONFIG.format)(view));
}
