/** The arguments that coldstart keeps on the command lines of Kubernetes' programs and etcd. */
import { type Claim, itemsOf, onlyText, taken, TLS_VERSIONS, when } from './claim.ts';

interface Program {
  /** In words. */
  readonly program: string;
  readonly claims: readonly Claim[];
  /** Whether users may set only arguments with a claim, if it accepts the value. */
  readonly closed?: boolean;
}

const CERTIFICATES = 'coldstart makes the certificates, and gives the program its own';
const KUBECONFIG = 'coldstart makes the kubeconfig, which holds a certificate of the program';
const READY = 'the node asks it on the loopback whether it runs';
const any = (): boolean => true;

/** Of the API server, the controller manager and the scheduler. */
const common: readonly Claim[] = [
  onlyText('profiling', ['false'], 'profiles tell much about the cluster (CIS benchmark)'),
  onlyText('tls-min-version', TLS_VERSIONS, 'older versions of TLS are not safe (CIS benchmark)'),
];

/** Of the controller manager and the scheduler, which serve metrics and health. */
const clients: readonly Claim[] = [
  ...common,
  ...taken('kubeconfig authentication-kubeconfig authorization-kubeconfig', KUBECONFIG),
  ...taken('client-ca-file requestheader-client-ca-file', CERTIFICATES),
  onlyText('bind-address', ['127.0.0.1', '0.0.0.0', '::'], READY),
];

const ADDRESS = "a load balancer has the port on the node's other addresses; the node's own address comes from";
const CIPHERS = "coldstart's ciphers are those of the CIS benchmark that fit its certificates";

/** Nodes and pods of the cluster rely on these. */
const NEEDED_PLUGINS = ['NodeRestriction', 'NamespaceLifecycle', 'ServiceAccount'];

const apiServer: readonly Claim[] = [
  ...common,
  ...taken(
    'etcd-servers etcd-cafile etcd-certfile etcd-keyfile',
    "it asks the master's own etcd, with certificates of coldstart",
  ),
  ...taken('etcd-prefix', 'data under another prefix is another cluster'),
  ...taken('client-ca-file tls-cert-file tls-private-key-file', CERTIFICATES),
  ...taken('kubelet-certificate-authority kubelet-client-certificate kubelet-client-key', CERTIFICATES),
  ...taken('requestheader-client-ca-file requestheader-allowed-names requestheader-extra-headers-prefix', CERTIFICATES),
  ...taken('requestheader-group-headers requestheader-username-headers', CERTIFICATES),
  ...taken('requestheader-uid-headers proxy-client-cert-file proxy-client-key-file', CERTIFICATES),
  ...taken('service-account-key-file service-account-signing-key-file', CERTIFICATES),
  ...taken('tls-cipher-suites', CIPHERS),
  ...taken('encryption-provider-config', 'the keys that encrypt secrets come from the secrets store'),
  ...taken('secure-port', 'nodes and load balancers use the same port', 'cluster.control_plane.port'),
  ...taken('bind-address advertise-address', ADDRESS, 'nodes[].ip'),
  ...taken('service-cluster-ip-range', 'all members need the same network', 'cluster.networking.service_cidr'),
  ...taken(
    'authentication-config anonymous-auth oidc-issuer-url oidc-client-id oidc-ca-file oidc-username-claim oidc-username-prefix',
    'it is part of the configuration of authentication',
    'cluster.kubernetes.api_server.authentication',
  ),
  ...taken(
    'oidc-groups-claim oidc-groups-prefix oidc-required-claim oidc-signing-algs',
    'it is part of the configuration of authentication',
    'cluster.kubernetes.api_server.authentication',
  ),
  ...taken('admission-control-config-file', 'coldstart places the file', 'cluster.kubernetes.api_server.admission'),
  ...taken('audit-policy-file', 'coldstart places the file', 'cluster.kubernetes.api_server.audit_policy'),
  when(
    'audit-log-path',
    (value) =>
      (value as readonly string[]).every((path) => path === '-' || /^\/var\/log\/kubernetes\/[^/]+$/.test(path)),
    'it may write below `/var/log/kubernetes` only; `-` is the journal',
  ),
  ...taken('token-auth-file', 'static tokens never end (CIS benchmark)'),
  when(
    'authorization-mode',
    (value) =>
      ['Node', 'RBAC'].every((mode) => itemsOf(value).includes(mode)) && !itemsOf(value).includes('AlwaysAllow'),
    'nodes and people need `Node` and `RBAC`, and `AlwaysAllow` would make them useless (CIS benchmark)',
  ),
  ...taken('authorization-config', 'nodes and people need `Node` and `RBAC`; write `authorization-mode` instead'),
  when(
    'enable-admission-plugins',
    (value) => !itemsOf(value).includes('AlwaysAdmit'),
    '`AlwaysAdmit` would make the others useless (CIS benchmark)',
  ),
  when(
    'disable-admission-plugins',
    (value) => !itemsOf(value).some((plugin) => NEEDED_PLUGINS.includes(plugin)),
    `nodes and service accounts rely on ${NEEDED_PLUGINS.map((plugin) => `\`${plugin}\``).join(', ')} (CIS benchmark)`,
  ),
  onlyText('enable-bootstrap-token-auth', ['true'], 'workers join with tokens'),
  onlyText('allow-privileged', ['true'], 'networks and drivers of volumes run in privileged pods'),
  onlyText(
    'service-account-lookup',
    ['true'],
    'otherwise tokens of deleted service accounts would stay valid (CIS benchmark)',
  ),
];

/** Nodes get their certificates, pods their tokens from these controllers, which have an old and a new name. */
const NEEDED_CONTROLLERS = [
  ...['*', 'certificatesigningrequest-approving-controller', 'certificatesigningrequest-signing-controller'],
  ...['csrapproving', 'csrsigning', 'root-ca-certificate-publisher-controller', 'root-ca-cert-publisher'],
  ...['serviceaccount-controller', 'serviceaccount', 'serviceaccount-token-controller', 'serviceaccount-token'],
  ...['token-cleaner-controller', 'tokencleaner'],
];

const controllerManager: readonly Claim[] = [
  ...clients,
  onlyText('secure-port', ['10257'], READY),
  ...taken('cluster-name', 'it is the name of the cluster', 'cluster.name'),
  ...taken('cluster-signing-cert-file cluster-signing-key-file root-ca-file', CERTIFICATES),
  ...taken('service-account-private-key-file', CERTIFICATES),
  onlyText('use-service-account-credentials', ['true'], 'each controller has an account of its own (CIS benchmark)'),
  onlyText('leader-elect', ['true'], 'every master runs one, and only one may work'),
  when(
    'allocate-node-cidrs',
    (value, { networking: { cni } }) => cni === 'none' || String(value) === String(cni === 'routed'),
    'the pod network decides it',
    'cluster.networking.cni',
  ),
  ...taken('cluster-cidr', 'all members need the same network', 'cluster.networking.pod_cidr'),
  ...taken('service-cluster-ip-range', 'all members need the same network', 'cluster.networking.service_cidr'),
  ...taken(
    'node-cidr-mask-size node-cidr-mask-size-ipv4 node-cidr-mask-size-ipv6',
    'all members need the same size',
    'cluster.networking.node_pod_prefix',
  ),
  when(
    'controllers',
    (value) => !itemsOf(value).some((item) => NEEDED_CONTROLLERS.some((name) => item === `-${name}`)),
    'nodes get their certificates, and pods their tokens, from controllers that would be off',
  ),
  when(
    'terminated-pod-gc-threshold',
    (value) => Number(String(value)) > 0,
    'otherwise ended pods would stay for ever (CIS benchmark)',
  ),
];

const IN_CONFIG = 'it is part of the configuration';

const scheduler: readonly Claim[] = [
  ...clients,
  onlyText('secure-port', ['10259'], READY),
  ...taken('config write-config-to', 'coldstart places the file', 'cluster.kubernetes.scheduler.config'),
  onlyText('leader-elect', ['true'], 'every master runs a scheduler, and only one may place pods'),
  ...taken(
    'leader-elect-lease-duration leader-elect-renew-deadline leader-elect-retry-period',
    IN_CONFIG,
    'cluster.kubernetes.scheduler.config.leaderElection',
  ),
  ...taken(
    'leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace',
    IN_CONFIG,
    'cluster.kubernetes.scheduler.config.leaderElection',
  ),
  ...taken(
    'kube-api-qps kube-api-burst kube-api-content-type',
    IN_CONFIG,
    'cluster.kubernetes.scheduler.config.clientConnection',
  ),
];

/** Upstream deprecates arguments of the kubelet that have a field, and they would win over the configuration. */
const kubelet: readonly Claim[] = [
  ...taken('config config-dir', 'coldstart places the file', 'cluster.kubernetes.kubelet.config'),
  ...taken('kubeconfig bootstrap-kubeconfig cert-dir', KUBECONFIG),
  ...taken('root-dir', 'only `/var/lib/kubelet` is on the state disk'),
  ...taken('hostname-override', "it is the node's name", 'nodes[].name'),
  ...taken('node-ip', "it is the node's address", 'nodes[].ip'),
  ...taken('node-labels', 'coldstart sets the labels', 'nodes[].labels'),
  ...taken('register-with-taints', 'coldstart sets the taints', 'nodes[].taints'),
  ...taken('rotate-server-certificates', IN_CONFIG, 'serverTLSBootstrap` below `cluster.kubernetes.kubelet.config'),
  ...taken('container-runtime-endpoint', "it is containerd's on every node"),
  onlyText('cloud-provider', ['external', ''], 'Kubernetes has no other providers any more'),
  ...[
    'image-credential-provider-config',
    'image-credential-provider-bin-dir',
    'exit-on-lock-contention',
    'lock-file',
    'v',
    'vmodule',
  ].map((name) => when(name, any, '')),
];

const etcd: readonly Claim[] = [
  ...taken('name', "it is the node's name", 'nodes[].name'),
  ...taken('data-dir wal-dir', 'only `/var/lib/etcd` is on the state disk, and snapshots are made of it'),
  ...taken(
    'listen-peer-urls initial-advertise-peer-urls listen-client-urls advertise-client-urls',
    'a member has one address for all of them',
    'cluster.kubernetes.etcd.cidr',
  ),
  ...taken(
    'initial-cluster initial-cluster-state initial-cluster-token',
    'masters decide when they start what they found or join',
  ),
  ...taken(
    'discovery discovery-srv discovery-token discovery-endpoints force-new-cluster',
    'masters decide when they start what they found or join',
  ),
  ...taken('cert-file key-file trusted-ca-file peer-cert-file peer-key-file peer-trusted-ca-file', CERTIFICATES),
  ...taken('auto-tls peer-auto-tls client-crl-file peer-crl-file cipher-suites', CERTIFICATES),
  ...['client-cert-auth', 'peer-client-cert-auth'].map((name) =>
    onlyText(name, ['true'], 'otherwise anybody could read and write all data (CIS benchmark)'),
  ),
  ...taken('config-file', 'etcd would read nothing else'),
  onlyText('experimental-initial-corrupt-check', ['true'], 'a member whose data differs must not start'),
];

/** By the setting below `cluster.kubernetes` with `extra_args`. */
export const PROGRAMS = {
  api_server: { program: 'the API servers', claims: apiServer },
  controller_manager: { program: 'the controller managers', claims: controllerManager },
  scheduler: { program: 'the schedulers', claims: scheduler },
  kubelet: {
    ...{ program: 'kubelets', claims: kubelet },
    closed: true,
  },
  etcd: { program: 'etcd', claims: etcd },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof PROGRAMS;

/** The program of a setting. */
export const programOf = (name: ProgramName): Program => PROGRAMS[name];
