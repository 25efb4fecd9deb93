/**
 * Views for nodes that fetch their token, because their image does not contain it: from a master, or from the user's
 * external store.
 */
import type { Cluster, ExternalStore } from '../../../config/cluster.ts';
import { isMember, joinsAtMasters } from '../../../config/roles.ts';
import type { Subject } from '../subject.ts';

/** Whether masters hand out tokens. */
export function hasJoinService({ bootstrap }: Cluster): boolean {
  return bootstrap.tokenDistribution === 'http';
}

/** Whether the node asks a master or the store for a token, or writes tokens into the store. */
export const usesTokenSource = ({ cluster, node }: Subject): boolean =>
  joinsAtMasters(node, cluster) || (storeOf(cluster) !== null && isMember(node));

/** The external store, if the cluster uses one. */
const storeOf = ({ bootstrap }: Cluster): ExternalStore | null =>
  bootstrap.tokenDistribution === 'external' ? bootstrap.external : null;

export const joinEnvView = ({ cluster }: Subject) => ({
  port: String(cluster.bootstrap.port),
  store: storeOf(cluster),
});

const credentialsOf = ({ cluster, node }: Subject): string => storeOf(cluster)?.credentials[node.name] ?? '';

export const hasCredentials = (subject: Subject): boolean => credentialsOf(subject) !== '';
export const credentialsView = (subject: Subject) => ({ lines: linesOf(credentialsOf(subject)) });

const authorityOf = (cluster: Cluster): string => storeOf(cluster)?.ca ?? '';

export const hasStoreAuthority = (cluster: Cluster): boolean => authorityOf(cluster) !== '';
export const storeAuthorityView = (cluster: Cluster) => ({ lines: linesOf(authorityOf(cluster)) });

/** Empty lines and blanks at the ends have no meaning in PEM and in single words. */
export function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}
