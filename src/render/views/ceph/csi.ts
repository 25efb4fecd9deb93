/** View of the kustomization with which masters apply the drivers of ceph-csi. */
import { CSI_NAMESPACE, csiFiles } from '../../../config/ceph-csi.ts';
import type { Cluster } from '../../../config/cluster.ts';

/** One is active, the other is on standby. */
const PROVISIONERS = 2;

/**
 * The pinned manifests stay unchanged. kubectl changes three things while it applies them: the namespace, which upstream
 * says should not be `default`, also in the account names of bindings; the number of provisioners (upstream: 3); and
 * that each of them must have a node of its own. They only should have: the number must not follow from the number of
 * nodes that take pods, or a further worker would change the masters.
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */
export function csiView(cluster: Cluster) {
  const files = csiFiles(cluster);
  return {
    document: {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: CSI_NAMESPACE,
      resources: files.map(({ path }) => path),
      patches: files.flatMap(({ path }) => {
        const name = /([\w-]+-provisioner)\.yaml$/.exec(path)?.[1];
        return name === undefined
          ? []
          : [{ target: { kind: 'Deployment', name }, patch: JSON.stringify(patchOf(name)) }];
      }),
    },
  };
}

/** Upstream's manifests label the pods of a deployment with its name (`app`). */
function patchOf(name: string) {
  const apart = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: name } } };
  const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: apart }] };
  return [
    { op: 'add', path: '/spec/replicas', value: PROVISIONERS },
    { op: 'add', path: '/spec/template/spec/affinity', value: { podAntiAffinity: preferred } },
  ];
}
