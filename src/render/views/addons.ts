/** View of the cluster's DNS; what else is applied to a new cluster is the same everywhere and lies in `overlays/role-master`. */
import type { Cluster } from '../../config/cluster.ts';
import { dnsAddresses } from './kubernetes.ts';
import { isIpv6 } from './subject.ts';

/** https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns: the version that 1.33 to 1.35 came with is older. */
const CORE_DNS_IMAGE = 'registry.k8s.io/coredns/coredns:v1.13.1';

export function dnsView(cluster: Cluster) {
  const addresses = dnsAddresses(cluster);
  const { clusterDomain } = cluster.networking;
  return {
    image: CORE_DNS_IMAGE,
    replicas: Math.min(2, cluster.nodes.filter(({ bootRole }) => bootRole !== 'storage').length),
    clusterDomain,
    addresses,
    firstAddress: addresses[0] ?? '',
    families: addresses.map((address) => (isIpv6(address) ? 'IPv6' : 'IPv4')),
  };
}
