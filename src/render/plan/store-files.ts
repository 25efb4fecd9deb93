/**
 * Recipes for files that consist of one value of the secrets store: certificates and keys, as PEM, in kubeadm's layout.
 * They belong to root: systemd gives keys to services of other users (LoadCredential=).
 */
import type { Cluster } from '../../config/cluster.ts';
import * as holes from '../../pki/holes.ts';
import { certificatesOf, type CertificateNeed } from '../../pki/issue/needs.ts';
import { dashboardAuthority, PKI, servesDashboard } from '../../pki/certificates/purposes.ts';
import { fileRecipe, type Recipe } from '../tree/recipe.ts';
import { updatesItself } from '../../config/fetching.ts';
import type { Subject } from '../views/subject.ts';

/** Only the owner can read a secret file. */
function storeFile(cluster: Cluster, path: string, hole: holes.Hole, settings: readonly string[] = []): Recipe {
  const { secret } = hole;
  const origin = { kind: 'secrets-store' as const, source: cluster.secrets.file, settings };
  return fileRecipe({ path, mode: secret ? 0o600 : 0o644, uid: 0, gid: 0, secret, origin }, (values) => values(hole));
}

export const memberStoreRecipes = (cluster: Cluster): Recipe[] => [
  storeFile(cluster, `${PKI}/ca.crt`, holes.authority('kubernetes')),
];

/** Keys of authorities that sign nothing on a node stay in the store; kubeadm calls that an external CA. */
export const masterStoreRecipes = (cluster: Cluster): Recipe[] => [
  // Signs the certificates of kubelets. The controller manager accepts exactly one certificate there; ca.crt may
  // contain more.
  storeFile(cluster, `${PKI}/ca.key`, holes.signingKey('kubernetes')),
  storeFile(cluster, `${PKI}/cluster-signing-ca.crt`, holes.signingCertificate('kubernetes')),
  storeFile(cluster, `${PKI}/front-proxy-ca.crt`, holes.authority('front-proxy')),
  storeFile(cluster, `${PKI}/etcd/ca.crt`, holes.authority('etcd')),
  storeFile(cluster, `${PKI}/sa.key`, holes.accountPrivateKey),
  storeFile(cluster, `${PKI}/sa.pub`, holes.accountPublicKeys),
];

export function nodeStoreRecipes({ cluster, node }: Subject): Recipe[] {
  const leaves = certificatesOf(cluster, node).flatMap((need) => leafRecipes(cluster, need));
  return [
    ...leaves,
    storeFile(cluster, 'etc/ssh/ssh_host_ecdsa_key', holes.sshHostKey(node.name)),
    ...(servesDashboard(node, cluster) ? [dashboardAuthorities(cluster)] : []),
    ...(updatesItself(cluster, node) ? [updateAuthorities(cluster)] : []),
  ];
}

function leafRecipes(cluster: Cluster, { id, form }: CertificateNeed): Recipe[] {
  if (form?.type !== 'pem') return [];
  return [
    storeFile(cluster, `${form.path}.crt`, holes.certificate(id)),
    storeFile(cluster, `${form.path}.key`, holes.certificateKey(id)),
  ];
}

/** RAUC accepts bundles that a certificate of this authority signed. */
const updateAuthorities = (cluster: Cluster): Recipe =>
  storeFile(cluster, 'etc/rauc/keyring.pem', holes.authority('update'), [
    'cluster.image.formats',
    'cluster.image.install',
  ]);

/** For the browsers of people who use the dashboard: they must trust the certificate beside it. */
const dashboardAuthorities = (cluster: Cluster): Recipe =>
  storeFile(cluster, 'etc/ceph/dashboard-ca.crt', holes.authority(dashboardAuthority(cluster)), [
    'cluster.ceph.dashboard',
  ]);
