/** The networks that exist inside of the cluster alone: no machine is there, and nothing of the nodes may lead there. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Cluster } from '../../cluster.ts';
import { contains, type IpRange, ipOf, overlaps, rangeOf } from '../../network/net.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import type { Facts } from '../rule.ts';

interface ClusterNetwork {
  readonly cidr: string;
  /** Whose it is, in words. */
  readonly of: 'pods' | 'services';
  readonly path: Path;
}

/** Whether one range lies in another, or is the same. */
export const isWithin = (outer: IpRange, inner: IpRange): boolean =>
  outer.prefix <= inner.prefix && contains(outer, inner);

/** An address as the network of itself alone. */
export const wholeRange = (address: string): IpRange =>
  rangeOf(`${address}/${ipOf(address).family === 4 ? '32' : '128'}`);

/** The pod or service network that an address or a network lies in. */
export function clusterNetworkOf({ networking }: Cluster, inner: IpRange): ClusterNetwork | undefined {
  const list = (cidrs: readonly string[], of: ClusterNetwork['of'], key: string) =>
    cidrs.map((cidr, index) => ({ cidr, of, path: ['cluster', 'networking', key, index] }));
  const all = [
    ...list(networking.podCidrs, 'pods', 'pod_cidr'),
    ...list(networking.serviceCidrs, 'services', 'service_cidr'),
  ];
  return all.find(({ cidr }) => isWithin(rangeOf(cidr), inner) && !isRefused(networking.nodeCidrs, rangeOf(cidr)));
}

/** What touches the node network or special addresses has been refused for that; nothing follows from it. */
const isRefused = (nodeCidrs: readonly string[], range: IpRange): boolean =>
  specialNetwork(range, 'own')?.severity === 'error' || nodeCidrs.some((cidr) => overlaps(rangeOf(cidr), range));

/** Where the network was written, for a diagnostic about something else; nothing when it is the default. */
export const relatedTo = ({ of, path }: ClusterNetwork, facts: Facts) =>
  facts.has(path) ? [{ message: `the ${of}`, at: facts.at(path) }] : [];
