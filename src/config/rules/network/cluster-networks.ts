/** The pod and service networks: they exist only inside the cluster, contain no machine, and nodes have no routes into them. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Cluster } from '../../cluster.ts';
import { contains, type IpRange, ipOf, overlaps, rangeOf } from '../../network/net.ts';
import { nodeNetworks } from '../../network/node-networks.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import type { Facts } from '../rule.ts';

interface ClusterNetwork {
  readonly cidr: string;
  /** The users of the network. */
  readonly of: 'pods' | 'services';
  readonly path: Path;
}

/** Whether a range is part of another range, or equal to it. */
export const isWithin = (outer: IpRange, inner: IpRange): boolean =>
  outer.prefix <= inner.prefix && contains(outer, inner);

/** The range that contains only this address. */
export const wholeRange = (address: string): IpRange =>
  rangeOf(`${address}/${ipOf(address).family === 4 ? '32' : '128'}`);

/** The pod or service network that contains an address or a network. */
export function clusterNetworkOf(cluster: Cluster, inner: IpRange): ClusterNetwork | undefined {
  const list = (cidrs: readonly string[], of: ClusterNetwork['of'], key: string) =>
    cidrs.map((cidr, index) => ({ cidr, of, path: ['cluster', 'networking', key, index] }));
  const all = [
    ...list(cluster.networking.podCidrs, 'pods', 'pod_cidr'),
    ...list(cluster.networking.serviceCidrs, 'services', 'service_cidr'),
  ];
  return all.find(({ cidr }) => isWithin(rangeOf(cidr), inner) && !isRefused(nodeNetworks(cluster), rangeOf(cidr)));
}

/** Other rules refuse networks that overlap a node network or special addresses. Such networks cause no further diagnostics. */
const isRefused = (nodeCidrs: readonly string[], range: IpRange): boolean =>
  specialNetwork(range, 'own')?.severity === 'error' || nodeCidrs.some((cidr) => overlaps(rangeOf(cidr), range));

/** The place of the network in the definition, for a diagnostic about another setting; empty for the default network. */
export const relatedTo = ({ of, path }: ClusterNetwork, facts: Facts) =>
  facts.has(path) ? [{ message: `the ${of}`, at: facts.at(path) }] : [];
