/**
 * Turns a completed store into the files of one node: exactly those that the node needs, in kubeadm's layout. Pure; the
 * same store and cluster give the same bytes. This is where secrets become text.
 */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Cluster, Node } from '../config/cluster.ts';
import { formatKubeconfig, serverUrl, type Credential } from './kubeconfig.ts';
import { certificatesOf, ENCRYPTION, OPERATOR_ADMIN, SERVICE_ACCOUNT, writtenToken } from './needs.ts';
import type { CertificateNeed } from './needs.ts';
import { isMaster, isMember, joinsByToken, PKI, type AuthorityId } from './purposes.ts';
import { reveal } from './secret.ts';
import { entry, trusted, type Store } from './store-model.ts';

/** A file of a node layer, as in `src/render/tree.ts`. */
export interface SecretFile {
  /** Relative to the root of the node. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly content: Uint8Array;
  /** Holds something that nobody else may know; certificates are public. */
  readonly secret: boolean;
}

const ETC = 'etc/kubernetes';
/** Whoever calls from a node calls this: on a master its own API server, elsewhere the local load balancer. */
const LOCAL = '127.0.0.1';

/** The files that this node gets from the store, sorted by path. @throws Error when the store is not complete */
export function nodeSecrets(store: Store, cluster: Cluster, node: Node): SecretFile[] {
  const leaves = certificatesOf(cluster, node).flatMap((need) => leafFiles(store, cluster, need));
  const files = [
    ...(isMember(node) ? [open(`${PKI}/ca.crt`, bundle(store, 'kubernetes'))] : []),
    ...(isMaster(node) ? masterFiles(store, cluster) : []),
    ...(joinsByToken(node) ? joinFiles(store, cluster, node) : []),
    ...leaves,
  ];
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The operator's kubeconfig, to lie beside the images, mode 0600: one context for the cluster, one for each master. */
export function adminKubeconfig(store: Store, cluster: Cluster): Uint8Array {
  const { endpoint, virtualIp, port } = cluster.controlPlane;
  const masters = cluster.nodes.filter(isMaster);
  const first = masters.find(({ bootRole }) => bootRole === 'master-first')?.ips[0];
  const host = endpoint ?? virtualIp ?? first;
  const all = masters.map(({ name, ips }) => ({ name: `${cluster.name}-${name}`, host: ips[0] }));
  const servers = [{ name: cluster.name, host }, ...(all.length > 1 ? all : [])];
  const text = formatKubeconfig({
    user: 'kubernetes-admin',
    credential: credentialOf(store, OPERATOR_ADMIN),
    trust: bundle(store, 'kubernetes'),
    servers: servers.flatMap(({ name, host: to }) => (to === undefined ? [] : [{ name, url: serverUrl(to, port) }])),
  });
  return Buffer.from(text);
}

/** PEM of an authority and those that are about to follow it or did precede it, the current one first. */
export function bundle(store: Store, authority: AuthorityId): string {
  return trusted(entry(store.authorities, authority))
    .map(({ certificate }) => certificate)
    .join('');
}

/** Keys of authorities that sign nothing on a node stay in the store, which kubeadm calls an external CA. */
function masterFiles(store: Store, cluster: Cluster): SecretFile[] {
  const { current: authority } = entry(store.authorities, 'kubernetes');
  const account = entry(store.keyPairs, SERVICE_ACCOUNT);
  const publicKeys = trusted(account).map(({ publicKey }) => publicKey);
  return [
    // Signs the certificates of kubelets; the controller manager takes exactly one certificate there, ca.crt may hold more.
    hidden(`${PKI}/ca.key`, reveal(authority.key)),
    open(`${PKI}/cluster-signing-ca.crt`, authority.certificate),
    open(`${PKI}/front-proxy-ca.crt`, bundle(store, 'front-proxy')),
    open(`${PKI}/etcd/ca.crt`, bundle(store, 'etcd')),
    hidden(`${PKI}/sa.key`, reveal(account.current.privateKey)),
    open(`${PKI}/sa.pub`, publicKeys.join('')),
    hidden(`${ETC}/encryption-config.yaml`, encryptionConfig(store)),
    hidden(`${ETC}/bootstrap-tokens.tsv`, tokenTable(store, cluster)),
  ];
}

/** Masters make the tokens known to the API, or check with them who asks to join: `node<TAB>token`, sorted by node. */
function tokenTable(store: Store, cluster: Cluster): string {
  const rows = cluster.nodes.filter(joinsByToken).map((node) => `${node.name}\t${tokenOf(store, cluster, node)}\n`);
  return rows.join('');
}

function joinFiles(store: Store, cluster: Cluster, node: Node): SecretFile[] {
  const token = tokenOf(store, cluster, node);
  switch (cluster.bootstrap.tokenDistribution) {
    case 'embedded': {
      const text = localKubeconfig(store, cluster, 'kubelet-bootstrap', { token });
      return [hidden(`${ETC}/bootstrap-kubelet.conf`, text)];
    }
    case 'http':
      // No token of the API yet: what the node shows to the join service to get one.
      return [hidden(`${ETC}/join-token`, `${token}\n`)];
    case 'external':
      return [];
  }
}

function tokenOf(store: Store, cluster: Cluster, node: Node): string {
  return writtenToken(cluster) ?? reveal(entry(store.tokens, node.name));
}

function leafFiles(store: Store, cluster: Cluster, { id, form, subject }: CertificateNeed): SecretFile[] {
  if (form === null) return [];
  const credential = credentialOf(store, id);
  if (form.type === 'kubeconfig') {
    return [hidden(form.path, localKubeconfig(store, cluster, subject.commonName, credential))];
  }
  return [open(`${form.path}.crt`, credential.certificate), hidden(`${form.path}.key`, credential.key)];
}

function credentialOf(store: Store, id: string) {
  const { certificate, key } = entry(store.certificates, id);
  return { certificate, key: reveal(key) };
}

function localKubeconfig(store: Store, cluster: Cluster, user: string, credential: Credential): string {
  const servers = [{ name: cluster.name, url: serverUrl(LOCAL, cluster.controlPlane.port) }];
  return formatKubeconfig({ user, credential, trust: bundle(store, 'kubernetes'), servers });
}

/** The first key encrypts, all decrypt: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/ */
function encryptionConfig(store: Store): string {
  const keys = trusted(entry(store.keys, ENCRYPTION)).map((key) => ({
    name: keyName(reveal(key)),
    secret: reveal(key),
  }));
  return stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers: [{ secretbox: { keys } }, { identity: {} }] }],
  });
}

/** Stands in front of each encrypted value in etcd, so it must not change as long as the key is in use. */
const keyName = (key: string): string => `key-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;

// Everything is root's: services that run as others are handed their keys by systemd (LoadCredential=).
const open = (path: string, text: string): SecretFile => file(path, 0o644, text, false);
const hidden = (path: string, text: string): SecretFile => file(path, 0o600, text, true);

function file(path: string, mode: number, text: string, isSecret: boolean): SecretFile {
  return { path, mode, uid: 0, gid: 0, content: Buffer.from(text), secret: isSecret };
}
