/**
 * Turns a completed store into the files of one node: exactly those that the node needs, in kubeadm's layout. They are
 * root's: services that run as others are handed their keys by systemd (LoadCredential=). Pure; the
 * same store and cluster give the same bytes. This is where secrets become text. Which files there are follows from the
 * cluster alone, so a plan can name them before there is a store.
 */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Cluster, Node } from '../config/cluster.ts';
import { cephFiles } from './ceph-files.ts';
import { formatKubeconfig, serverUrl, type Credential } from './kubeconfig.ts';
import { certificatesOf, ENCRYPTION, OPERATOR_ADMIN, SERVICE_ACCOUNT, writtenToken } from './needs.ts';
import type { CertificateNeed } from './needs.ts';
import { isMaster, isMember, joinsByToken, PKI, type AuthorityId } from './purposes.ts';
import { reveal } from './secret.ts';
import { hidden, open, type SecretFile, type StoreFile, type Text } from './store-file.ts';
import { bundle, entry, trusted, type Store } from './store-model.ts';

const ETC = 'etc/kubernetes';
/** Whoever calls from a node calls this: on a master its own API server, elsewhere the local load balancer. */
const LOCAL = '127.0.0.1';

/** The files that this node gets from the store, sorted by path. */
export function storeFiles(cluster: Cluster, node: Node): StoreFile[] {
  const leaves = certificatesOf(cluster, node).flatMap((need) => leafFiles(cluster, need));
  const files = [
    ...(isMember(node) ? [open(`${PKI}/ca.crt`, bundleOf('kubernetes'))] : []),
    ...(isMaster(node) ? masterFiles(cluster) : []),
    ...(joinsByToken(node) ? joinFiles(cluster, node) : []),
    ...cephFiles(cluster, node),
    ...leaves,
  ];
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** {@link storeFiles} with their contents. @throws IncompleteStore */
export function nodeSecrets(store: Store, cluster: Cluster, node: Node): SecretFile[] {
  return storeFiles(cluster, node).map((file) => ({ ...file, content: file.content(store) }));
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

const bundleOf =
  (authority: AuthorityId): Text =>
  (store) =>
    bundle(store, authority);

const kubernetes = (store: Store) => entry(store.authorities, 'kubernetes').current;
const account = (store: Store) => entry(store.keyPairs, SERVICE_ACCOUNT);

/** Keys of authorities that sign nothing on a node stay in the store, which kubeadm calls an external CA. */
function masterFiles(cluster: Cluster): StoreFile[] {
  return [
    // Signs the certificates of kubelets; the controller manager takes exactly one certificate there, ca.crt may hold more.
    hidden(`${PKI}/ca.key`, (store) => reveal(kubernetes(store).key)),
    open(`${PKI}/cluster-signing-ca.crt`, (store) => kubernetes(store).certificate),
    open(`${PKI}/front-proxy-ca.crt`, bundleOf('front-proxy')),
    open(`${PKI}/etcd/ca.crt`, bundleOf('etcd')),
    hidden(`${PKI}/sa.key`, (store) => reveal(account(store).current.privateKey)),
    open(`${PKI}/sa.pub`, publicKeys),
    hidden(`${ETC}/encryption-config.yaml`, encryptionConfig),
    hidden(`${ETC}/bootstrap-tokens.tsv`, (store) => tokenTable(store, cluster)),
  ];
}

function publicKeys(store: Store): string {
  return trusted(account(store))
    .map(({ publicKey }) => publicKey)
    .join('');
}

/** Masters make the tokens known to the API, or check with them who asks to join: `node<TAB>token`, sorted by node. */
function tokenTable(store: Store, cluster: Cluster): string {
  const rows = cluster.nodes.filter(joinsByToken).map((node) => `${node.name}\t${tokenOf(store, cluster, node)}\n`);
  return rows.join('');
}

function joinFiles(cluster: Cluster, node: Node): StoreFile[] {
  const token = (store: Store): string => tokenOf(store, cluster, node);
  switch (cluster.bootstrap.tokenDistribution) {
    case 'embedded': {
      const text: Text = (store) => localKubeconfig(store, cluster, 'kubelet-bootstrap', { token: token(store) });
      return [hidden(`${ETC}/bootstrap-kubelet.conf`, text)];
    }
    case 'http':
      // No token of the API yet: what the node shows to the join service to get one.
      return [hidden(`${ETC}/join-token`, (store) => `${token(store)}\n`)];
    case 'external':
      return [];
  }
}

function tokenOf(store: Store, cluster: Cluster, node: Node): string {
  return writtenToken(cluster) ?? reveal(entry(store.tokens, node.name));
}

function leafFiles(cluster: Cluster, { id, form, subject }: CertificateNeed): StoreFile[] {
  if (form === null) return [];
  const credential = (store: Store) => credentialOf(store, id);
  if (form.type === 'kubeconfig') {
    return [hidden(form.path, (store) => localKubeconfig(store, cluster, subject.commonName, credential(store)))];
  }
  return [
    open(`${form.path}.crt`, (store) => credential(store).certificate),
    hidden(`${form.path}.key`, (store) => credential(store).key),
  ];
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
