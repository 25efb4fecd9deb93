/** The administrators' kubeconfig as it works from the machine of the lab: through the gateway's forwarded ports. Pure. */
import { parseDocument, isMap, isSeq } from 'yaml';
import type { ApiForward } from './plan.ts';

/**
 * The same kubeconfig with each server behind 127.0.0.1, its certificate still checked under its own name. A server that is
 * no master of the lab (a virtual address, an outside name) is reached at the first.
 */
export function throughForwards(kubeconfig: string, api: readonly ApiForward[]): string {
  const document = parseDocument(kubeconfig);
  const clusters = document.get('clusters');
  if (!isSeq(clusters) || api[0] === undefined) return kubeconfig;
  for (const entry of clusters.items) {
    const cluster = isMap(entry) ? entry.get('cluster') : undefined;
    const server = isMap(cluster) ? cluster.get('server') : undefined;
    if (!isMap(cluster) || typeof server !== 'string') continue;
    const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
    const { hostPort } = api.find(({ address }) => address === host) ?? api[0];
    cluster.set('server', `https://127.0.0.1:${hostPort}`);
    cluster.set('tls-server-name', host);
  }
  return document.toString({ lineWidth: 0 });
}
