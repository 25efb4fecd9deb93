/**
 * Turns a cluster into the full list of what its secrets store must hold: ids, authorities, certificates, keys and
 * tokens. Pure; says nothing about how they are made (`issue.ts`) or where they end up (`src/render`).
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { cephKeys, FSID } from './ceph-needs.ts';
import type { KeyNeed } from './key-need.ts';
import type { Names } from '../certificates/names.ts';
import { ADMINS, dashboardAuthority, purposes, servesDashboard } from '../certificates/purposes.ts';
import { isMember, joinsByToken } from '../../config/roles.ts';
import type { AuthorityId, Form, Subject, Usage } from '../certificates/purposes.ts';

export interface Needs {
  readonly cluster: string;
  /** Random names, made once. */
  readonly ids: readonly string[];
  readonly authorities: readonly AuthorityNeed[];
  readonly certificates: readonly CertificateNeed[];
  readonly keyPairs: readonly string[];
  readonly keys: readonly KeyNeed[];
  /** Nodes that join by a token of their own. */
  readonly tokens: readonly string[];
}

export interface AuthorityNeed {
  readonly id: AuthorityId;
  readonly subject: Subject;
}

export interface CertificateNeed extends Names {
  /** `nodes/<node>/<purpose>`, or `operator/<purpose>` for what lies beside the images. */
  readonly id: string;
  readonly authority: AuthorityId;
  readonly subject: Subject;
  readonly usages: readonly Usage[];
  /** A node's certificate has to last until someone gets to the machine; a person's has not. */
  readonly lifetime: 'node' | 'operator';
  /** Null for the operator's. */
  readonly form: Form | null;
}

const CLUSTER_ID = 'cluster';
export const SERVICE_ACCOUNT = 'service-account';
export const ENCRYPTION = 'encryption';
export const OPERATOR_ADMIN = 'operator/admin';

const AUTHORITIES_OF_KUBERNETES: readonly AuthorityId[] = ['kubernetes', 'etcd', 'front-proxy'];

/** Everything that the store of this cluster must hold, in a stable order. */
export function needsOf(cluster: Cluster): Needs {
  const subject = (id: AuthorityId): Subject => ({ commonName: `${id}-ca`, organization: cluster.name });
  const hasKubernetes = cluster.nodes.some(isMember);
  return {
    cluster: cluster.name,
    ids: [CLUSTER_ID, ...(cluster.ceph === null ? [] : [FSID])],
    authorities: authoritiesOf(cluster).map((id) => ({ id, subject: subject(id) })),
    certificates: [
      ...(hasKubernetes ? [operatorAdmin] : []),
      ...cluster.nodes.flatMap((node) => certificatesOf(cluster, node)),
    ],
    keyPairs: hasKubernetes ? [SERVICE_ACCOUNT] : [],
    keys: [...(hasKubernetes ? [encryption] : []), ...cephKeys(cluster)],
    tokens: writtenToken(cluster) === null ? cluster.nodes.filter(joinsByToken).map(({ name }) => name) : [],
  };
}

function authoritiesOf(cluster: Cluster): AuthorityId[] {
  const own = cluster.nodes.some(isMember) ? AUTHORITIES_OF_KUBERNETES : [];
  const needed = cluster.nodes.some((node) => servesDashboard(node, cluster)) ? [dashboardAuthority(cluster)] : [];
  return [...new Set([...own, ...needed])];
}

/** The user's own token. What nodes show to the join service, and what a store holds, is never the same for all. */
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

/** In the kubeconfig beside the images; in none of them. */
const operatorAdmin: CertificateNeed = {
  id: OPERATOR_ADMIN,
  authority: 'kubernetes',
  subject: { commonName: 'kubernetes-admin', organization: ADMINS },
  usages: ['client'],
  ...{ dnsNames: [], addresses: [], lifetime: 'operator', form: null },
};
