/**
 * Views for every Kubernetes node: the load balancer for the API, kubelet, kube-proxy, and the node's part of the pod
 * network.
 */
import { POD_BRIDGE } from '../../../config/network/cluster-devices.ts';
import type { Cluster, Node } from '../../../config/cluster.ts';
import { servesJoinPort, servesLock } from '../../../config/fetching.ts';
import { mastersKnownTo } from '../../../config/first-guess.ts';
import { majorOf } from '../../../config/kubernetes/containerd.ts';
import { merged } from '../../../config/kubernetes/documents.ts';
import { headOf } from '../../../config/kubernetes/kept/fields.ts';
import { KERNEL_DEFAULTS } from '../../../config/machine/sysctl.ts';
import { isMaster, isMember } from '../../../config/roles.ts';
import { argumentsView } from './arguments.ts';
import { addressOf, dnsAddresses, hostOf, isRestricted, labelLines, labelsOf, taintsOf } from './kubernetes.ts';
import { hasJoinService } from './joining.ts';
import { isIpv6, type Subject } from '../subject.ts';

/** A master listens on the virtual address even while another master holds it. */
export function balancerView({ cluster, node }: Subject) {
  const { virtualIp, port } = cluster.controlPlane;
  const at = (host: string): string => `${host}:${String(port)}`;
  const local = { address: at('127.0.0.1'), keyword: null };
  const isServed = virtualIp !== null && isMaster(node);
  const { port: joinPort } = cluster.bootstrap;
  return {
    binds: isServed ? [local, { address: at(hostOf(virtualIp)), keyword: 'transparent' }] : [local],
    servers: mastersKnownTo(cluster, node).map((master) => ({
      name: master.name,
      address: at(hostOf(addressOf(master))),
    })),
    join:
      servesJoinPort(cluster) && isMaster(node)
        ? {
            address: `${hostOf(addressOf(node))}:${String(joinPort)}`,
            tokens: hasJoinService(cluster),
            lock: servesLock(cluster),
          }
        : null,
  };
}

/** The image of a master contains its kubelet's certificate. A worker requests one, which must survive a restart. */
export function kubeletUnitView({ node }: Subject) {
  return {
    name: node.name,
    addresses: node.ips.join(','),
    kubeconfig: isMaster(node) ? '/etc/kubernetes/kubelet.conf' : '/var/lib/kubelet/kubelet.conf',
    isBootstrapped: !isMaster(node),
    words: argumentsView({ ...node, files: [] }, {}, node.kubelet.extraArgs).words,
  };
}

/** The kubelet must not enforce its kernel defaults when the user sets another value. */
const keepsDefaults = ({ sysctl }: Node): boolean =>
  Object.entries(KERNEL_DEFAULTS).every(([key, value]) => (sysctl[key] ?? value) === value);

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export function kubeletView({ cluster, node }: Subject) {
  const document = merged(kubeletDefaults(cluster, node), node.kubelet.config);
  return { document: { ...document, protectKernelDefaults: keepsDefaults(node) } };
}

function kubeletDefaults(cluster: Cluster, node: Node) {
  const asksForCertificate = node.kubelet.config?.['serverTLSBootstrap'] === true;
  const ownCertificate = {
    tlsCertFile: '/etc/kubernetes/pki/kubelet.crt',
    tlsPrivateKeyFile: '/etc/kubernetes/pki/kubelet.key',
  };
  return {
    ...headOf('kubelet.config', cluster),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    },
    authorization: { mode: 'Webhook' },
    // From containerd 2 on, the kubelet asks containerd, and the setting is deprecated.
    ...(majorOf(cluster.kubernetes.containerd) === 1 ? { cgroupDriver: 'systemd' } : {}),
    clusterDNS: dnsAddresses(cluster),
    clusterDomain: cluster.networking.clusterDomain,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    eventRecordQPS: 5,
    healthzBindAddress: '127.0.0.1',
    readOnlyPort: 0,
    registerWithTaints: taintsOf(node),
    rotateCertificates: true,
    streamingConnectionIdleTimeout: '4h',
    tlsMinVersion: 'VersionTLS12',
    ...(asksForCertificate ? {} : ownCertificate),
  };
}

export const runsServiceProxy = ({ cluster, node }: Subject): boolean =>
  isMember(node) && cluster.kubernetes.kubeProxy.enabled;

/** https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
export const proxyView = ({ cluster, node }: Subject) => ({
  document: merged(
    {
      ...headOf('kube_proxy.config', cluster),
      bindAddress: addressOf(node),
      clientConnection: { kubeconfig: '/etc/kubernetes/kube-proxy.conf' },
      clusterCIDR: cluster.networking.podCidrs.join(','),
      healthzBindAddress: '127.0.0.1:10256',
      hostnameOverride: node.name,
      metricsBindAddress: '127.0.0.1:10249',
      mode: 'nftables',
    },
    cluster.kubernetes.kubeProxy.config,
  ),
});

/**
 * https://www.cni.dev/plugins/current/main/bridge/, .../ipam/host-local/, .../meta/portmap/
 * Without the node's share, which it learns from its Node (kubernetes/shares.sh). The plugin gives the bridge another
 * address when the share changes.
 */
export function networkPluginView(cluster: Cluster) {
  const { mtu } = cluster.networking;
  const bridge = {
    ...{ type: 'bridge', bridge: POD_BRIDGE, isGateway: true, forceAddress: true, hairpinMode: true },
    ...(mtu === null ? {} : { mtu }),
    ipam: {
      type: 'host-local',
      // No pod survives a restart of the machine, so its address must not stay reserved either.
      dataDir: '/run/cni/networks',
    },
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: true };
  return { document: { cniVersion: '1.0.0', name: 'coldstart', plugins: [bridge, portmap] } };
}

/** Pods, and the set with the addresses of nodes (kubernetes/peers.jq), have a route back to a pod. */
export const podNetworkView = ({ networking }: Cluster) => ({
  families: networking.podCidrs.map((pods) => ({
    ...(isIpv6(pods) ? { family: 'ip6', nodes: 'nodes6' } : { family: 'ip', nodes: 'nodes4' }),
    pods,
  })),
});

export const annotationsView = ({ node }: Subject) => ({ document: node.annotations });

/** The labels that a node sets on its own Node: a master all, another node those that a kubelet may set. */
export const ownLabelsView = ({ node }: Subject) => ({
  labels: labelLines(labelsOf(node)).filter(([key]) => isMaster(node) || !isRestricted(key)),
});
