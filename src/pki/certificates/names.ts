/**
 * The names and addresses of the servers of a node: its certificates are valid for exactly these. Lower case, each
 * once, sorted, so that the order in a configuration does not matter.
 */
import type { Address, Cluster, Node } from '../../config/cluster.ts';
import { etcdAddress } from '../../config/etcd.ts';
import { formatIp, parseIp, rangeOf } from '../../config/network/net.ts';

export interface Names {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly Address[];
}

/** Clients on the node itself use these: the health checks, and all clients of the local load balancer. */
const LOOPBACK: Names = { dnsNames: ['localhost'], addresses: ['127.0.0.1', '::1'] };

const named = (dnsNames: readonly string[], addresses: readonly Address[] = []): Names => ({ dnsNames, addresses });

const ofNode = ({ name, hostname, ips }: Node): Names => named([name, hostname], ips);

export const nobody: Names = named([]);

/** The API server of a master. Its clients are nodes, pods and people outside the cluster. */
export function apiServerNames(cluster: Cluster, node: Node): Names {
  const { clusterDomain, serviceCidrs } = cluster.networking;
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const inside = named([...service, `kubernetes.default.svc.${clusterDomain}`], serviceCidrs.map(firstAddress));
  return join(ofNode(node), LOOPBACK, inside, outside(cluster));
}

/**
 * etcd. Its clients are the API server on the same node and the other masters. With a network of its own, it has the addresses of the node
 * as well: a member compares the certificate of another one with the address that it comes from, which is the former one until all have moved.
 */
export const etcdNames = (cluster: Cluster, node: Node): Names =>
  join(ofNode(node), LOOPBACK, named([], [etcdAddress(cluster, node)]));

/** A server that only other nodes call: API servers call the kubelet, nodes that want to join call the join service. */
export const nodeNames = (node: Node): Names => join(ofNode(node));

function outside({ controlPlane: { endpoint, virtualIp, certSans } }: Cluster): Names {
  const isAddress = (one: string): boolean => parseIp(one) !== undefined;
  return named(
    [...(endpoint === null ? [] : [endpoint]), ...certSans.filter((one) => !isAddress(one))],
    [...(virtualIp === null ? [] : [virtualIp]), ...certSans.filter(isAddress)],
  );
}

/** The API server gives itself the first address of each service network: https://kubernetes.io/docs/concepts/services-networking/ */
function firstAddress(cidr: string): Address {
  const { family, network } = rangeOf(cidr);
  return formatIp({ family, value: network + 1n });
}

function join(...parts: readonly Names[]): Names {
  const dnsNames = parts.flatMap((part) => part.dnsNames.map((name) => name.toLowerCase()));
  const addresses = parts.flatMap((part) => part.addresses);
  return { dnsNames: [...new Set(dnsNames)].toSorted(), addresses: [...new Set(addresses)].toSorted() };
}
