/**
 * Objects that API servers accept: kinds with their versions, names and labels (kubernetes.io, "Object Names and IDs", "Labels and
 * Selectors", "Deprecated API Migration Guide"; kubernetes, pkg/apis/core/validation and pkg/apis/rbac/validation).
 */
import { suggest } from '../../diagnostics/suggest.ts';

/** Groups of which all kinds are listed, and kinds of other groups, which give the right group for a misplaced kind. */
const KINDS: Readonly<Record<string, string>> = {
  v1: 'Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'batch/v1': 'CronJob Job',
  'policy/v1': 'Eviction PodDisruptionBudget',
  'autoscaling/v1': 'HorizontalPodAutoscaler Scale',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'rbac.authorization.k8s.io/v1': 'ClusterRole ClusterRoleBinding Role RoleBinding',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition',
};

const ELSEWHERE: Readonly<Record<string, string>> = {
  'networking.k8s.io/v1': 'Ingress IngressClass NetworkPolicy',
  'storage.k8s.io/v1': 'CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment',
  'scheduling.k8s.io/v1': 'PriorityClass',
  'node.k8s.io/v1': 'RuntimeClass',
  'coordination.k8s.io/v1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'certificates.k8s.io/v1': 'CertificateSigningRequest',
  'admissionregistration.k8s.io/v1': 'MutatingWebhookConfiguration ValidatingWebhookConfiguration',
};

const CLOSED_GROUPS = new Set(Object.keys(KINDS).map(groupOf));

const HOMES = new Map(
  Object.entries({ ...KINDS, ...ELSEWHERE }).flatMap(([version, kinds]) =>
    kinds.split(' ').map((kind) => [kind, version]),
  ),
);

/** API versions that were removed; their kinds have newer versions. */
const GONE = /^(extensions\/|.+\/v\d+(alpha|beta)\d+$)/;

/** Groups of configuration files, which are for programs, not for API servers. */
const FILES: readonly (readonly [group: RegExp, reason: string])[] = [
  [/^kubeadm\.k8s\.io$/, 'kubeadm reads it, which is not used here'],
  [
    /^(kubelet|kubeproxy|kubescheduler|apiserver|credentialprovider\.kubelet|.+\.admission)\.config\.k8s\.io$/,
    'a program of Kubernetes reads it from a file',
  ],
  [
    /^(credentialprovider\.kubelet|audit|client\.authentication|imagepolicy)\.k8s\.io$/,
    'a program of Kubernetes reads it from a file',
  ],
  [/^(kind\.x-k8s\.io|k3d\.io|k3s\.io|eksctl\.io|skaffold|helm\.sh)$/, 'another program reads it from a file'],
];

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** Why no API server knows a kind, as the end of a sentence. */
export function whyNoKind(apiVersion: string, kind: string): string | undefined {
  const group = groupOf(apiVersion);
  if (apiVersion === 'v1' && kind === 'Config') return 'it is a kubeconfig, a file for clients';
  const file = FILES.find(([pattern]) => pattern.test(group));
  if (file !== undefined) return file[1];
  if (!/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(apiVersion)) {
    return 'an `apiVersion` is `v1`, or a group and a version like `apps/v1`';
  }
  if (!/^[A-Z][A-Za-z0-9]*$/.test(kind)) return 'a `kind` is one word like `ConfigMap`';
  const home = HOMES.get(kind);
  if (home !== undefined && GONE.test(apiVersion) && groupOf(home) === group)
    return `\`${apiVersion}\` is not served any more, but \`${home}\` is`;
  if (home !== undefined && group === 'extensions') return `\`extensions\` is not served any more, but \`${home}\` is`;
  if (!CLOSED_GROUPS.has(group)) return group.includes('.') ? undefined : whyNoGroup(apiVersion, group, home);
  if (
    KINDS[apiVersion]?.split(' ').includes(kind.replace(/List$/, '')) === true ||
    (apiVersion === 'v1' && kind === 'List')
  )
    return undefined;
  return home === undefined ? `\`${apiVersion}\` has no such kind` : `it is one of \`${home}\``;
}

/** Groups of custom resources have a dot (kubernetes, pkg/apis/apiextensions/validation: `should be a domain with at least one dot`). */
function whyNoGroup(apiVersion: string, group: string, home: string | undefined): string | undefined {
  const meant = home ?? suggest(apiVersion, Object.keys(KINDS));
  return `there is no group \`${group}\`${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export const LABEL_WORDS = 'at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends';
const SUBDOMAIN_WORDS = 'lower-case letters, digits, `-` and dots, with a letter or digit at both ends of each part';

export const isDnsLabel = (text: string): boolean => LABEL.test(text);

/** The requirement that a name does not meet, as the end of "must be …"; undefined for a valid name. */
export function expectedName(apiVersion: string, kind: string, name: string): string | undefined {
  // Names of these contain names of users, signers or addresses.
  if (
    /^(rbac\.authorization|certificates|networking)\.k8s\.io\//.test(apiVersion) &&
    !/^(Ingress|NetworkPolicy)/.test(kind)
  ) {
    return /^\.{0,2}$|[/%]/.test(name) ? 'a name without `/` and `%`' : undefined;
  }
  if (apiVersion === 'v1' && (kind === 'Namespace' || kind === 'Service'))
    return LABEL.test(name) ? undefined : LABEL_WORDS;
  return SUBDOMAIN.test(name) ? undefined : SUBDOMAIN_WORDS;
}

const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** The requirement that the key of a label or annotation does not meet, as the end of "must be …". */
export function expectedKey(key: string): string | undefined {
  const [name = '', prefix, ...rest] = key.split('/').toReversed();
  const isPrefixed = rest.length === 0 && (prefix === undefined || SUBDOMAIN.test(prefix.toLowerCase()));
  return isPrefixed && LABEL_NAME.test(name) ? undefined : 'a key like `app` or `lab.example/app`';
}

/** The requirement that the value of a label does not meet, as the end of "must be …". */
export const expectedLabel = (value: string): string | undefined =>
  value === '' || LABEL_NAME.test(value)
    ? undefined
    : 'at most 63 letters, digits, `-`, `_` and dots, with a letter or digit at both ends';
