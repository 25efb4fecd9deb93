/** Changes the administrators' kubeconfig so that it works on the lab's host, through the gateway's forwarded ports. Pure. */
import { parseDocument, isMap, isSeq } from 'yaml';
import type { ApiForward } from './plan.ts';

/**
 * The same kubeconfig with each server at 127.0.0.1; the certificate is still checked against the server's own name. A server
 * that is not a master of the lab (a virtual address, an external name) is reached through the first master.
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
