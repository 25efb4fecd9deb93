/**
 * Turns a cluster into the full list of entries that its secrets store must hold: ids, authorities, certificates, keys
 * and tokens. Pure. `issue.ts` makes the entries; `src/render` puts them into files.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { takesUpdates } from '../../config/formats.ts';
import { cephKeys, FSID } from './ceph-needs.ts';
import type { KeyNeed } from './key-need.ts';
import type { Names } from '../certificates/names.ts';
import { ADMINS, dashboardAuthority, purposes, servesDashboard } from '../certificates/purposes.ts';
import { isMember, joinsByToken } from '../../config/roles.ts';
import type { AuthorityId, Form, Subject, Usage } from '../certificates/purposes.ts';

export interface Needs {
  readonly cluster: string;
  /** Random ids, made once. */
  readonly ids: readonly string[];
  readonly authorities: readonly AuthorityNeed[];
  readonly certificates: readonly CertificateNeed[];
  readonly keyPairs: readonly string[];
  readonly keys: readonly KeyNeed[];
  /** Nodes that join with a token of their own. */
  readonly tokens: readonly string[];
}

export interface AuthorityNeed {
  readonly id: AuthorityId;
  readonly subject: Subject;
}

export interface CertificateNeed extends Names {
  /**
   * `nodes/<node>/<purpose>`; `operator/<purpose>` for the operator's certificates and `updates/<purpose>` for those of
   * updates, which are outside the images.
   */
  readonly id: string;
  readonly authority: AuthorityId;
  readonly subject: Subject;
  readonly usages: readonly Usage[];
  /** A node's certificate must last until someone can reach the machine. A person's certificate need not. */
  readonly lifetime: 'node' | 'operator';
  /** Null for the operator's certificates. */
  readonly form: Form | null;
}

const CLUSTER_ID = 'cluster';
export const SERVICE_ACCOUNT = 'service-account';
/** The key pair by which SSH clients know a node. */
export const sshHost = (node: string): string => `ssh/${node}`;
export const ENCRYPTION = 'encryption';
export const OPERATOR_ADMIN = 'operator/admin';
/** Signs update bundles. */
export const UPDATE_SIGNER = 'updates/signer';

const AUTHORITIES_OF_KUBERNETES: readonly AuthorityId[] = ['kubernetes', 'etcd', 'front-proxy'];

/** All entries that the store of this cluster must hold, in a stable order. */
export function needsOf(cluster: Cluster): Needs {
  const subject = (id: AuthorityId): Subject => ({ commonName: `${id}-ca`, organization: cluster.name });
  const hasKubernetes = cluster.nodes.some(isMember);
  return {
    cluster: cluster.name,
    ids: [CLUSTER_ID, ...(cluster.ceph === null ? [] : [FSID])],
    authorities: authoritiesOf(cluster).map((id) => ({ id, subject: subject(id) })),
    certificates: [
      ...(hasKubernetes ? [operatorAdmin] : []),
      ...(takesUpdates(cluster) ? [updateSigner] : []),
      ...cluster.nodes.flatMap((node) => certificatesOf(cluster, node)),
    ],
    keyPairs: [...(hasKubernetes ? [SERVICE_ACCOUNT] : []), ...cluster.nodes.map(({ name }) => sshHost(name))],
    keys: [...(hasKubernetes ? [encryption] : []), ...cephKeys(cluster)],
    tokens: hasTokens(cluster) ? cluster.nodes.filter(joinsByToken).map(({ name }) => name) : [],
  };
}

function authoritiesOf(cluster: Cluster): AuthorityId[] {
  const own = cluster.nodes.some(isMember) ? AUTHORITIES_OF_KUBERNETES : [];
  const needed = cluster.nodes.some((node) => servesDashboard(node, cluster)) ? [dashboardAuthority(cluster)] : [];
  return [...new Set([...own, ...needed, ...(takesUpdates(cluster) ? (['update'] as const) : [])])];
}

/** Not in a definition with one token for all nodes, nor where masters make a token when a node asks for it. */
const hasTokens = (cluster: Cluster): boolean =>
  writtenToken(cluster) === null && cluster.bootstrap.tokenDistribution !== 'http';

/** The token in the user's definition. Tokens in an external store differ for each node. */
export function writtenToken({ bootstrap: { token, tokenDistribution } }: Cluster): string | null {
  return tokenDistribution === 'embedded' ? token : null;
}

/** The certificates of one node. */
export function certificatesOf(cluster: Cluster, node: Node): CertificateNeed[] {
  return Object.entries(purposes).flatMap(([purpose, { isFor, subject, names, authority, usages, form }]) => {
    if (!isFor(node, cluster)) return [];
    const id = `nodes/${node.name}/${purpose}`;
    const { dnsNames, addresses } = names(cluster, node);
    const by = typeof authority === 'function' ? authority(cluster) : authority;
    return [{ id, authority: by, subject: subject(node), usages, dnsNames, addresses, lifetime: 'node', form }];
  });
}

const encryption: KeyNeed = { id: ENCRYPTION, form: 'plain', bytes: 32 };

/** For the operator's kubeconfig; no image contains it. */
const operatorAdmin: CertificateNeed = {
  id: OPERATOR_ADMIN,
  authority: 'kubernetes',
  subject: { commonName: 'kubernetes-admin', organization: ADMINS },
  usages: ['client'],
  ...{ dnsNames: [], addresses: [], lifetime: 'operator', form: null },
};

/** The authority alone is in the images. A bundle that was made long ago must still be accepted, so it lasts as long as a node's. */
const updateSigner: CertificateNeed = {
  id: UPDATE_SIGNER,
  authority: 'update',
  subject: { commonName: 'update-signer', organization: null },
  usages: ['signing'],
  ...{ dnsNames: [], addresses: [], lifetime: 'node', form: null },
};
