/** The fields that coldstart keeps in the configuration of Kubernetes' programs. */
import type { Cluster } from '../../cluster.ts';
import { releaseOf } from '../releases.ts';
import { isFields } from '../documents.ts';
import { type Claim, only, taken, TLS_VERSIONS, when } from './claim.ts';

/** A kind of upstream's configuration. */
interface Kind {
  readonly kind: string;
  readonly apiVersion: (cluster: Cluster) => string;
  /** The program that reads it, in words. */
  readonly program: string;
  /** Its name in `upstream-fields.ts`. */
  readonly type: string;
  readonly claims: readonly Claim[];
}

const AT = (apiVersion: string) => (): string => apiVersion;

const clientConfig = taken(
  'clientConnection.kubeconfig',
  'coldstart makes the kubeconfig, which holds a certificate of the node',
);

const kubelet: readonly Claim[] = [
  only('authentication.anonymous.enabled', [false], 'otherwise anybody could run commands in pods (CIS benchmark)'),
  only('authentication.webhook.enabled', [true], 'otherwise pods could not ask it for metrics with their tokens'),
  ...taken(
    'authentication.x509.clientCAFile',
    "API servers show certificates of the cluster's authority (CIS benchmark)",
  ),
  only('authorization.mode', ['Webhook'], 'anybody with a certificate could run commands in pods (CIS benchmark)'),
  only('cgroupDriver', ['systemd'], 'containerd creates cgroups through systemd'),
  when(
    'clusterDomain',
    (value, { networking }) => value === networking.clusterDomain,
    'all members need the same domain',
    'cluster.networking.cluster_domain',
  ),
  only('containerRuntimeEndpoint', ['unix:///run/containerd/containerd.sock'], "it is containerd's on every node"),
  only('enableServer', [true], 'otherwise API servers could not reach it'),
  only('makeIPTablesUtilChains', [true], 'the pod network relies on these chains (CIS benchmark)'),
  when(
    'protectKernelDefaults',
    (value) => value === true,
    'the kernel settings must be those of the definition (CIS benchmark)',
    'sysctl',
  ),
  only('readOnlyPort', [0], 'otherwise anybody could read from it without a certificate (CIS benchmark)'),
  only('registerNode', [true], 'otherwise the node would not join'),
  ...taken('registerWithTaints', 'coldstart sets the taints', 'nodes[].taints'),
  only('rotateCertificates', [true], "otherwise a worker's certificate would end after a year (CIS benchmark)"),
  when(
    'streamingConnectionIdleTimeout',
    (value) => !/^0[a-z]*$/.test(String(value)),
    'otherwise connections would never time out (CIS benchmark)',
  ),
  ...taken(
    'tlsCertFile tlsPrivateKeyFile',
    'its certificate is in the image; with `serverTLSBootstrap: true`, it asks the cluster for one',
  ),
  only('tlsMinVersion', TLS_VERSIONS, 'older versions of TLS are not safe (CIS benchmark)'),
];

/** With the port 10256 on the loopback: `kube-proxy.service` waits for its answer there. */
const WITH_LOOPBACK = /^(127\.0\.0\.1|0\.0\.0\.0|\[::\])?:10256$/;

const kubeProxy: readonly Claim[] = [
  ...clientConfig,
  when(
    'clusterCIDR',
    (value, { networking }) => value === networking.podCidrs.join(','),
    'all members need the same network',
    'cluster.networking.pod_cidr',
  ),
  when(
    'healthzBindAddress',
    (value) => WITH_LOOPBACK.test(String(value)),
    'the node asks 127.0.0.1:10256 whether it runs',
  ),
  ...taken('hostnameOverride', 'coldstart sets it to the name of the node'),
  only('mode', ['nftables', 'iptables', 'ipvs'], 'its modes are `nftables`, `iptables` and `ipvs`'),
];

const scheduler: readonly Claim[] = [
  ...clientConfig,
  only('enableProfiling', [false], 'profiles tell much about the cluster (CIS benchmark)'),
  only('leaderElection.leaderElect', [true], 'every master runs a scheduler, and only one may place pods'),
];

/** Asked without a certificate: by the load balancer on every node. */
const HEALTH = ['/livez', '/readyz', '/healthz'];

function answersHealthChecks(value: unknown): boolean {
  if (!isFields(value) || value['enabled'] !== true || !Array.isArray(value['conditions'])) return false;
  const paths = (value['conditions'] as readonly unknown[]).map((one) => (isFields(one) ? one['path'] : undefined));
  return HEALTH.every((path) => paths.includes(path));
}

const authentication: readonly Claim[] = [
  when(
    'anonymous',
    answersHealthChecks,
    'load balancers ask `/livez`, `/readyz` and `/healthz` without a certificate, and nobody may ask for everything (CIS benchmark)',
  ),
];

const auditPolicy: readonly Claim[] = [
  when('rules', (value) => Array.isArray(value) && value.length > 0, 'API servers refuse a policy without rules'),
];

/** By the path of the setting below `cluster.kubernetes`. */
export const KINDS = {
  'kubelet.config': {
    ...{ kind: 'KubeletConfiguration', apiVersion: AT('kubelet.config.k8s.io/v1beta1') },
    ...{ type: 'kubelet/KubeletConfiguration', program: 'kubelets', claims: kubelet },
  },
  'kube_proxy.config': {
    ...{ kind: 'KubeProxyConfiguration', apiVersion: AT('kubeproxy.config.k8s.io/v1alpha1') },
    ...{ type: 'kube-proxy/KubeProxyConfiguration', program: 'kube-proxy', claims: kubeProxy },
  },
  'scheduler.config': {
    ...{ kind: 'KubeSchedulerConfiguration', apiVersion: AT('kubescheduler.config.k8s.io/v1') },
    ...{ type: 'kube-scheduler/KubeSchedulerConfiguration', program: 'the schedulers', claims: scheduler },
  },
  'api_server.admission': {
    ...{ kind: 'AdmissionConfiguration', apiVersion: AT('apiserver.config.k8s.io/v1') },
    ...{ type: 'apiserver/AdmissionConfiguration', program: 'the API servers', claims: [] },
  },
  'api_server.authentication': {
    kind: 'AuthenticationConfiguration',
    apiVersion: ({ kubernetes }) => releaseOf(kubernetes.version).authenticationApi,
    ...{ type: 'apiserver/AuthenticationConfiguration', program: 'the API servers', claims: authentication },
  },
  'api_server.audit_policy': {
    ...{ kind: 'Policy', apiVersion: AT('audit.k8s.io/v1') },
    ...{ type: 'apiserver/Policy', program: 'the API servers', claims: auditPolicy },
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof KINDS;

/** The claims on a kind: its own, and on the lines that name it. */
export function claimsOn(name: KindName, cluster: Cluster): readonly Claim[] {
  const { kind, apiVersion, claims }: Kind = KINDS[name];
  const version = apiVersion(cluster);
  return [
    only('apiVersion', [version], `Kubernetes ${cluster.kubernetes.version} reads \`${version}\` here`),
    only('kind', [kind], `a \`${kind}\` belongs here`),
    ...claims,
  ];
}

/** The lines that begin a document of the kind. */
export const headOf = (name: KindName, cluster: Cluster) => ({
  apiVersion: KINDS[name].apiVersion(cluster),
  kind: KINDS[name].kind,
});
