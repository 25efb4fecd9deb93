/** Views of the cluster's DNS and of what Calico is told; what else is applied is the same everywhere: `overlays/role-master`. */
import type { Cluster } from '../../../config/cluster.ts';
import { hasNameServer } from '../../../config/network/name-servers.ts';
import { isMember } from '../../../config/roles.ts';
import { dnsAddresses, members } from './kubernetes.ts';
import { isIpv6 } from '../subject.ts';

/** https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns: the version that 1.33 to 1.35 came with is older. */
const CORE_DNS_IMAGE = 'registry.k8s.io/coredns/coredns:v1.13.1';

/**
 * CoreDNS asks the name servers of the node that it runs on, whichever that is; without any it would not start (`forward` wants
 * one), so it answers for the cluster alone then.
 */
export function dnsView(cluster: Cluster) {
  const addresses = dnsAddresses(cluster);
  const { clusterDomain } = cluster.networking;
  return {
    image: CORE_DNS_IMAGE,
    replicas: Math.min(2, cluster.nodes.filter(isMember).length),
    clusterDomain,
    forwards: members(cluster).every(hasNameServer),
    addresses,
    firstAddress: addresses[0] ?? '',
    families: addresses.map((address) => (isIpv6(address) ? 'IPv6' : 'IPv4')),
  };
}

/** Calico knows blocks of 20 to 32 bits. */
const SMALLEST_BLOCK_PREFIX = 20;

/**
 * Calico's manifest is applied as it was published. What it has to know of this cluster it reads from a config map whose
 * variables it gives all its containers (`kubernetes-services-endpoint`, meant for the first two of them), which is applied
 * before it: the pool is made once, when the first node starts.
 * https://docs.tigera.io/calico/latest/reference/configure-calico-node
 */
export function calicoView({ networking, controlPlane }: Cluster) {
  const { podCidrs, nodePodPrefixes } = networking;
  return {
    document: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kubernetes-services-endpoint', namespace: 'kube-system' },
      data: {
        // The local load balancer, so that the network does not wait for the service proxy.
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String(controlPlane.port),
        CALICO_IPV4POOL_CIDR: podCidrs[0] ?? '',
        CALICO_IPV4POOL_BLOCK_SIZE: String(Math.max(nodePodPrefixes[0] ?? 0, SMALLEST_BLOCK_PREFIX)),
        // The address of the definition, which the kubelet has told; not that of the first interface there is.
        IP_AUTODETECTION_METHOD: 'kubernetes-internal-ip',
        // Like kube-proxy; rules of iptables beside its tables would not see each other.
        FELIX_NFTABLESMODE: 'Enabled',
      },
    },
  };
}
