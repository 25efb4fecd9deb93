/** View of the kustomization with which masters apply the drivers of ceph-csi. */
import { CSI_NAMESPACE, csiFiles } from '../../../config/ceph-csi.ts';
import type { Cluster, Node } from '../../../config/cluster.ts';
import { isMember } from '../../../config/roles.ts';
import { taintsOf } from '../kubernetes/kubernetes.ts';

/** One is active, the other is on standby. */
const MOST_PROVISIONERS = 2;

/**
 * The pinned manifests stay unchanged. kubectl changes two things while it applies them: the namespace, which upstream
 * says should not be `default`, also in the account names of bindings; and the number of provisioners, because each
 * needs a node of its own.
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */
export function csiView(cluster: Cluster) {
  const replicas = Math.max(1, Math.min(MOST_PROVISIONERS, cluster.nodes.filter(takesPods).length));
  return {
    document: {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: CSI_NAMESPACE,
      resources: csiFiles(cluster).map(({ path }) => path),
      patches: [
        {
          target: { kind: 'Deployment' },
          patch: JSON.stringify([{ op: 'add', path: '/spec/replicas', value: replicas }]),
        },
      ],
    },
  };
}

const takesPods = (node: Node): boolean =>
  isMember(node) && taintsOf(node).every(({ effect }) => effect === 'PreferNoSchedule');
