/**
 * Views of the programs of masters: etcd, API server, controller manager, scheduler, the virtual address, and the
 * labels of nodes.
 */
import type { Address, Cidr, Cluster } from '../../../config/cluster.ts';
import { etcdAddress } from '../../../config/etcd.ts';
import { merged } from '../../../config/kubernetes/documents.ts';
import { PROGRAMS } from '../../../config/kubernetes/kept/arguments.ts';
import { headOf } from '../../../config/kubernetes/kept/fields.ts';
import { ipOf, rangeOf } from '../../../config/network/net.ts';
import { isMaster } from '../../../config/roles.ts';
import { argumentsView, withCredentials } from './arguments.ts';
import { linesOf } from './joining.ts';
import { addressOf, apiUrl, hostOf, isRestricted, labelLines, members } from './kubernetes.ts';
import { isIpv6, type Subject } from '../subject.ts';

export function etcdView({ cluster, node }: Subject) {
  const host = hostOf(etcdAddress(cluster, node));
  const clientUrl = `https://${host}:2379`;
  // A user's value is an argument of the unit, and etcd refuses a variable beside it.
  const unlessSet = (flag: string, value: string): string | null =>
    flag in cluster.kubernetes.etcd.extraArgs ? null : value;
  return {
    name: node.name,
    clusterName: cluster.name,
    peerUrl: `https://${host}:2380`,
    clientUrl,
    listenClientUrls: `${clientUrl},https://127.0.0.1:2379`,
    metricsUrls: unlessSet('listen-metrics-urls', 'http://127.0.0.1:2381'),
    heartbeat: unlessSet('heartbeat-interval', '500'),
    election: unlessSet('election-timeout', '5000'),
  };
}

/** Arguments that coldstart keeps have its value, which is in the environment. */
export function etcdUnitView({ cluster, node }: Subject) {
  const kept = new Set(PROGRAMS.etcd.claims.map(({ name }) => name));
  const extra = Object.entries(cluster.kubernetes.etcd.extraArgs).filter(([flag]) => !kept.has(flag));
  return argumentsView(node, {}, Object.fromEntries(extra));
}

/** Without a state disk, a snapshot would end with the data. */
export const makesSnapshots = ({ cluster, node }: Subject): boolean =>
  isMaster(node) && node.stateDisk !== null && cluster.controlPlane.etcdSnapshots.keep > 0;

const copiesSnapshots = (subject: Subject): boolean =>
  makesSnapshots(subject) && subject.cluster.controlPlane.etcdSnapshots.store !== null;

export const snapshotsView = ({ cluster }: Subject) => cluster.controlPlane.etcdSnapshots;
export const snapshotCredentialsView = ({ cluster }: Subject) => ({
  lines: linesOf(cluster.controlPlane.etcdSnapshots.store?.credentials ?? ''),
});
export const snapshotAuthorityView = ({ cluster }: Subject) => ({
  lines: linesOf(cluster.controlPlane.etcdSnapshots.store?.ca ?? ''),
});
export const hasSnapshotCredentials = (subject: Subject): boolean =>
  copiesSnapshots(subject) && snapshotCredentialsView(subject).lines.length > 0;
export const hasSnapshotAuthority = (subject: Subject): boolean =>
  copiesSnapshots(subject) && snapshotAuthorityView(subject).lines.length > 0;

export function apiServerView(subject: Subject) {
  const { cluster, node } = subject;
  const { extraArgs, admission, auditPolicy } = cluster.kubernetes.apiServer;
  const { words, credentials } = argumentsView(node, apiServerArguments(cluster), extraArgs);
  const named = admission === null ? [] : admissionView(subject).credentials;
  return {
    address: addressOf(node),
    port: cluster.controlPlane.port,
    isLowPort: cluster.controlPlane.port < 1024,
    serviceCidrs: cluster.networking.serviceCidrs.join(','),
    url: apiUrl(subject),
    hasAdmission: admission !== null,
    auditPolicy: `/etc/kubernetes/${auditPolicy === null ? '' : 'own-'}audit-policy.yaml`,
    words,
    credentials: [...new Map([...credentials, ...named].map((one) => [one.name, one])).values()],
  };
}

const apiServerArguments = ({ networking }: Cluster) => ({
  'tls-min-version': ['VersionTLS12'],
  'kubelet-preferred-address-types': ['InternalIP,Hostname'],
  'service-account-issuer': [`https://kubernetes.default.svc.${networking.clusterDomain}`],
  'authorization-mode': ['Node,RBAC'],
  'enable-admission-plugins': ['NodeRestriction'],
  'enable-bootstrap-token-auth': ['true'],
  'allow-privileged': ['true'],
  profiling: ['false'],
  'audit-log-path': ['/var/log/kubernetes/audit.log'],
  'audit-log-maxage': ['30'],
  'audit-log-maxbackup': ['10'],
  'audit-log-maxsize': ['100'],
});

/** Who may call the API server without saying who it is: those that ask for its health, and nobody else. */
export const authenticationView = (cluster: Cluster) => ({
  document: merged(
    {
      ...headOf('api_server.authentication', cluster),
      anonymous: { enabled: true, conditions: [{ path: '/livez' }, { path: '/readyz' }, { path: '/healthz' }] },
    },
    cluster.kubernetes.apiServer.authentication,
  ),
});

export const hasAdmission = ({ cluster, node }: Subject): boolean =>
  isMaster(node) && cluster.kubernetes.apiServer.admission !== null;

export function admissionView({ cluster, node }: Subject) {
  const document = merged(headOf('api_server.admission', cluster), cluster.kubernetes.apiServer.admission);
  return withCredentials(node, 'kube-apiserver.service', document);
}

export const hasAuditPolicy = ({ kubernetes }: Cluster): boolean => kubernetes.apiServer.auditPolicy !== null;
export const auditPolicyView = (cluster: Cluster) => ({
  document: merged(headOf('api_server.audit_policy', cluster), cluster.kubernetes.apiServer.auditPolicy),
});

/** https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/ */
export const schedulerView = (cluster: Cluster) => ({
  document: merged(
    {
      ...headOf('scheduler.config', cluster),
      clientConnection: { kubeconfig: '/run/credentials/kube-scheduler.service/scheduler.conf' },
      enableProfiling: false,
      leaderElection: { leaderElect: true, leaseDuration: '60s', renewDeadline: '40s', retryPeriod: '10s' },
    },
    cluster.kubernetes.scheduler.config,
  ),
});

export const schedulerUnitView = ({ cluster, node }: Subject) =>
  argumentsView(
    node,
    { 'bind-address': ['127.0.0.1'], 'tls-min-version': ['VersionTLS12'] },
    cluster.kubernetes.scheduler.extraArgs,
  );

/** It gives each node its share of the pod network; with Calico, Calico does. */
export function controllerManagerView({ cluster, node }: Subject) {
  const { podCidrs, nodePodPrefixes, serviceCidrs, cni } = cluster.networking;
  const { extraArgs } = cluster.kubernetes.controllerManager;
  const allocates = cni !== 'calico';
  return {
    clusterName: cluster.name,
    serviceCidrs: serviceCidrs.join(','),
    ...argumentsView(node, controllerArguments(allocates), extraArgs),
    podCidrs: podCidrs.join(','),
    allocates: (extraArgs['allocate-node-cidrs']?.at(-1) ?? String(allocates)) === 'true',
    maskSizes: podCidrs.map((cidr, index) => maskSize(cidr, nodePodPrefixes[index] ?? 0, podCidrs.length)),
  };
}

const controllerArguments = (allocates: boolean) => ({
  'bind-address': ['127.0.0.1'],
  'tls-min-version': ['VersionTLS12'],
  'use-service-account-credentials': ['true'],
  controllers: ['*,token-cleaner-controller'],
  'allocate-node-cidrs': [String(allocates)],
  'leader-elect': ['true'],
  'leader-elect-lease-duration': ['60s'],
  'leader-elect-renew-deadline': ['40s'],
  'leader-elect-retry-period': ['10s'],
  'terminated-pod-gc-threshold': ['1000'],
  profiling: ['false'],
});

function maskSize(cidr: Cidr, length: number, count: number) {
  const family = `-ipv${String(rangeOf(cidr).family)}`;
  return { flag: `node-cidr-mask-size${count > 1 ? family : ''}`, length };
}

export const hasVirtualIp = ({ cluster, node }: Subject): boolean =>
  cluster.controlPlane.virtualIp !== null && isMaster(node);

export function keepalivedView({ cluster, node }: Subject) {
  const virtualIp = cluster.controlPlane.virtualIp ?? '';
  return {
    name: node.name,
    url: apiUrl({ cluster, node }),
    address: addressOf(node),
    // 1 to 255; the same on all masters, and different for another virtual address in the same network.
    routerId: Number(ipOf(virtualIp).value & 0xffn) || 255,
    virtual: singleHost(virtualIp),
  };
}

const singleHost = (address: Address): Cidr => `${address}/${isIpv6(address) ? '128' : '32'}`;

/** The labels that only masters may set on other nodes; a master sets its own. */
export const restrictedLabelsView = (cluster: Cluster) => ({
  rows: members(cluster)
    .filter((node) => !isMaster(node))
    .flatMap((node) =>
      labelLines(node.labels).flatMap(([key, label]) => (isRestricted(key) ? [{ node: node.name, label }] : [])),
    ),
});
