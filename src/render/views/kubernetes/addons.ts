/**
 * Views of the cluster's DNS and of Calico's settings. The other add-ons are the same in every cluster:
 * `overlays/role-master`.
 */
import type { Cluster } from '../../../config/cluster.ts';
import { releaseOf } from '../../../config/kubernetes/releases.ts';
import { hasNameServer } from '../../../config/network/name-servers.ts';
import { isMaster } from '../../../config/roles.ts';
import { dnsAddresses, NO_NAME_SERVER } from './kubernetes.ts';
import { isIpv6 } from '../subject.ts';

/**
 * CoreDNS asks the name servers of the node on which it runs. `forward` needs at least one name server, or CoreDNS does
 * not start. So CoreDNS avoids nodes that label themselves as nodes without one; if a master has none, CoreDNS answers
 * only for the cluster. Nothing follows from the number of workers or from their settings: a further worker must not
 * change the masters. On a cluster of one node, both instances run there.
 */
export function dnsView(cluster: Cluster) {
  const addresses = dnsAddresses(cluster);
  const { clusterDomain } = cluster.networking;
  return {
    image: `registry.k8s.io/coredns/coredns:${releaseOf(cluster.kubernetes.version).coreDns}`,
    replicas: 2,
    clusterDomain,
    forwards: cluster.nodes.filter(isMaster).every(hasNameServer),
    avoided: NO_NAME_SERVER,
    addresses,
    firstAddress: addresses[0] ?? '',
    families: addresses.map((address) => (isIpv6(address) ? 'IPv6' : 'IPv4')),
  };
}

const proxyMode = ({ kubeProxy }: Cluster['kubernetes']): unknown => kubeProxy.config?.['mode'] ?? 'nftables';

/** Calico supports block sizes /20 to /32. */
const SMALLEST_BLOCK_PREFIX = 20;

/**
 * Calico's manifest is applied unchanged. Its settings for this cluster are in a config map. The manifest passes the
 * map's variables to all its containers (`kubernetes-services-endpoint`; upstream uses it for the first two variables).
 * The map is applied before the manifest, because the pool is made once, when the first node starts.
 * https://docs.tigera.io/calico/latest/reference/configure-calico-node
 */
export function calicoView({ networking, controlPlane, kubernetes }: Cluster) {
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
        // The address in the definition, which the kubelet reports; not the address of the first interface.
        IP_AUTODETECTION_METHOD: 'kubernetes-internal-ip',
        // Like kube-proxy: rules in iptables and rules in nftables would not see each other.
        FELIX_NFTABLESMODE: proxyMode(kubernetes) === 'nftables' ? 'Enabled' : 'Disabled',
      },
    },
  };
}
