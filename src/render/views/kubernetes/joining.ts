/** Views of how nodes come by their token when it is not in their image: from a master, or through a store of the user's. */
import type { Cluster, ExternalStore } from '../../../config/cluster.ts';
import type { Subject } from '../subject.ts';

export function joinsAtMasters({ bootstrap }: Cluster): boolean {
  return bootstrap.tokenDistribution === 'http';
}

export function asksForToken({ bootstrap }: Cluster): boolean {
  return bootstrap.tokenDistribution !== 'embedded';
}

/** The store, where it is used. */
const storeOf = ({ bootstrap }: Cluster): ExternalStore | null =>
  bootstrap.tokenDistribution === 'external' ? bootstrap.external : null;

export const joinEnvView = (cluster: Cluster) => ({ port: String(cluster.bootstrap.port), store: storeOf(cluster) });

const credentialsOf = ({ cluster, node }: Subject): string => storeOf(cluster)?.credentials[node.name] ?? '';

export const hasCredentials = (subject: Subject): boolean => credentialsOf(subject) !== '';
export const credentialsView = (subject: Subject) => ({ lines: linesOf(credentialsOf(subject)) });

const authorityOf = (cluster: Cluster): string => storeOf(cluster)?.ca ?? '';

export const hasStoreAuthority = (cluster: Cluster): boolean => authorityOf(cluster) !== '';
export const storeAuthorityView = (cluster: Cluster) => ({ lines: linesOf(authorityOf(cluster)) });

/** PEM and single words lose nothing with blank lines and blanks at the ends. */
function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}
