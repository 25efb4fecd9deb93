/**
 * The table of certificates: the purpose of each, the nodes that get it, its contents and its path, in kubeadm's layout
 * (https://kubernetes.io/docs/setup/best-practices/certificates/). Every certificate belongs to exactly one node, so no
 * two images share a key, and one certificate can be replaced without the others.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { servesJoinPort } from '../../config/fetching.ts';
import { hasRole, isMember, isMaster, joinsAtMasters } from '../../config/roles.ts';
import { apiServerNames, etcdNames, nobody, nodeNames, type Names } from './names.ts';

/**
 * `ceph` is for a cluster of Ceph nodes only. In other clusters the authority of Kubernetes signs the certificates of
 * Ceph's servers, too. `update` is for the bundles by which nodes update themselves.
 */
export type AuthorityId = 'kubernetes' | 'etcd' | 'front-proxy' | 'ceph' | 'update';
/** `signing` is for programs and data that nodes install. */
export type Usage = 'server' | 'client' | 'signing';

export interface Subject {
  /** The user name in Kubernetes. */
  readonly commonName: string;
  /** The group in Kubernetes. */
  readonly organization: string | null;
}

/** As `<path>.crt` and `<path>.key`, or both inside a kubeconfig. Paths are relative to the root of the node. */
export interface Form {
  readonly type: 'pem' | 'kubeconfig';
  readonly path: string;
}

interface Purpose {
  readonly authority: AuthorityId | ((cluster: Cluster) => AuthorityId);
  readonly usages: readonly Usage[];
  readonly form: Form;
  readonly isFor: (node: Node, cluster: Cluster) => boolean;
  readonly subject: (node: Node) => Subject;
  readonly names: (cluster: Cluster, node: Node) => Names;
}

/** The authority that signs the certificates of Ceph's dashboards. */
export const dashboardAuthority = ({ nodes }: Cluster): AuthorityId => (nodes.some(isMember) ? 'kubernetes' : 'ceph');

export const servesDashboard = (node: Node, { ceph }: Cluster): boolean =>
  ceph?.dashboard === true && hasRole(node, 'ceph-mgr');

export const PKI = 'etc/kubernetes/pki';
/** The first master binds it to `cluster-admin`. RBAC can revoke that; it cannot revoke `system:masters`. */
export const ADMINS = 'kubeadm:cluster-admins';
/** The group of certificates that let a node join, and nothing else. */
const JOINING = 'coldstart:joining';

const pem = (name: string): Form => ({ type: 'pem', path: `${PKI}/${name}` });
const kubeconfig = (name: string): Form => ({ type: 'kubeconfig', path: `etc/kubernetes/${name}.conf` });
const called =
  (commonName: string, organization: string | null = null) =>
  (): Subject => ({ commonName, organization });
const byNode = ({ name }: Node): Subject => ({ commonName: name, organization: null });
const none = (): Names => nobody;

const client = { usages: ['client'], names: none } as const;
const ofMaster = { authority: 'kubernetes', isFor: isMaster } as const;
const ofEtcd = { authority: 'etcd', isFor: isMaster } as const;

export const purposes: Readonly<Record<string, Purpose>> = {
  apiserver: {
    ...{ ...ofMaster, usages: ['server'], form: pem('apiserver') },
    ...{ subject: called('kube-apiserver'), names: apiServerNames },
  },
  'apiserver-kubelet-client': {
    ...{ ...ofMaster, ...client, form: pem('apiserver-kubelet-client') },
    // No group: the role system:kubelet-api-admin is enough. kubeadm's group makes this client an administrator.
    subject: called('kube-apiserver-kubelet-client'),
  },
  'apiserver-etcd-client': {
    ...{ ...ofEtcd, ...client, form: pem('apiserver-etcd-client') },
    subject: called('kube-apiserver-etcd-client'),
  },
  'front-proxy-client': {
    ...{ ...ofMaster, ...client },
    ...{ authority: 'front-proxy', form: pem('front-proxy-client'), subject: called('front-proxy-client') },
  },
  // etcd's gateway calls its own server with the server certificate, so it needs both usages, as in kubeadm.
  'etcd-server': {
    ...{ ...ofEtcd, usages: ['server', 'client'], form: pem('etcd/server') },
    ...{ subject: byNode, names: etcdNames },
  },
  'etcd-peer': {
    ...{ ...ofEtcd, usages: ['server', 'client'], form: pem('etcd/peer') },
    ...{ subject: byNode, names: etcdNames },
  },
  'etcd-healthcheck-client': {
    ...{ ...ofEtcd, ...client, form: pem('etcd/healthcheck-client') },
    subject: called('kube-etcd-healthcheck-client'),
  },
  'controller-manager': {
    ...{ ...ofMaster, ...client, form: kubeconfig('controller-manager') },
    subject: called('system:kube-controller-manager'),
  },
  scheduler: {
    ...{ ...ofMaster, ...client, form: kubeconfig('scheduler') },
    subject: called('system:kube-scheduler'),
  },
  admin: {
    ...{ ...ofMaster, ...client, form: kubeconfig('admin') },
    // The node's name tells a reader of the audit log which machine holds the key.
    subject: ({ name }) => ({ commonName: `kubernetes-admin:${name}`, organization: ADMINS }),
  },
  'super-admin': {
    ...{ ...client, form: kubeconfig('super-admin') },
    ...{ authority: 'kubernetes', isFor: (node) => node.bootRole === 'master-first' },
    subject: called('kubernetes-super-admin', 'system:masters'),
  },
  'kubelet-client': {
    ...{ ...ofMaster, ...client, form: kubeconfig('kubelet') },
    subject: ({ name }) => ({ commonName: `system:node:${name}`, organization: 'system:nodes' }),
  },
  kubelet: {
    ...{ authority: 'kubernetes', usages: ['server'], form: pem('kubelet'), isFor: isMember },
    ...{ subject: byNode, names: (_, node) => nodeNames(node) },
  },
  'kube-proxy': {
    ...{ ...client, authority: 'kubernetes', form: kubeconfig('kube-proxy') },
    isFor: (node, { kubernetes }) => isMember(node) && kubernetes.kubeProxy.enabled,
    subject: called('system:kube-proxy'),
  },
  'ceph-dashboard': {
    ...{ authority: dashboardAuthority, usages: ['server'], form: { type: 'pem', path: 'etc/ceph/dashboard' } },
    ...{ isFor: servesDashboard, subject: byNode, names: (_, node) => nodeNames(node) },
  },
  'join-client': {
    ...{ ...client, authority: 'kubernetes', form: pem('join-client'), isFor: joinsAtMasters },
    // The API server would take a bare node name for a user of that name.
    subject: ({ name }) => ({ commonName: `${JOINING}:${name}`, organization: JOINING }),
  },
  'join-server': {
    ...{ authority: 'kubernetes', usages: ['server'], form: pem('join-server') },
    isFor: (node, cluster) => isMaster(node) && servesJoinPort(cluster),
    ...{ subject: byNode, names: (_, node) => nodeNames(node) },
  },
};
