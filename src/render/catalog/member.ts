/** Templates of what every Kubernetes node runs. */
import { isMember, isRouted } from '../views/kubernetes.ts';
import * as views from '../views/member.ts';
import { ofCluster, ofNode, type Subject } from '../views/subject.ts';
import { nodeFile, type CatalogEntry } from './entry.ts';

const SYSTEM = 'etc/systemd/system';
const pods = ({ cluster }: Subject): string[] => [
  ...ofCluster('networking.pod_cidr', 'networking.node_pod_prefix', 'networking.mtu'),
  ...cluster.nodes.flatMap((node) => ofNode(node, 'ip')),
];

export const memberEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: 'etc/haproxy/haproxy.cfg.ejs',
    format: 'word',
    when: isMember,
    view: views.balancerView,
    settings: () => ['nodes', ...ofCluster('control_plane')],
  }),
  nodeFile({
    template: `${SYSTEM}/kubelet.service.ejs`,
    format: 'unit',
    when: isMember,
    view: views.kubeletUnitView,
    settings: ({ node }) => ofNode(node, 'name', 'ip', 'roles'),
  }),
  nodeFile({
    template: 'etc/kubernetes/kubelet.yaml.ejs',
    format: 'yaml',
    when: isMember,
    view: views.kubeletView,
    settings: ({ node }) => [
      ...ofNode(node, 'taints', 'sysctl'),
      ...ofCluster('networking.service_cidr', 'networking.cluster_domain'),
    ],
  }),
  nodeFile({
    template: `${SYSTEM}/kube-proxy.service.ejs`,
    format: 'unit',
    when: isMember,
    view: () => ({}),
    settings: () => [],
  }),
  nodeFile({
    template: 'etc/kubernetes/kube-proxy.yaml.ejs',
    format: 'yaml',
    when: isMember,
    view: views.proxyView,
    settings: ({ node }) => [...ofNode(node, 'name', 'ip'), ...ofCluster('networking.pod_cidr')],
  }),
  nodeFile({
    template: 'etc/cni/net.d/10-coldstart.conflist.ejs',
    format: 'json',
    header: false,
    when: isRouted,
    view: views.networkPluginView,
    settings: pods,
  }),
  nodeFile({
    template: 'etc/kubernetes/pod-network.nft.ejs',
    format: 'word',
    when: isRouted,
    view: views.podNetworkView,
    settings: pods,
  }),
  nodeFile({
    template: `${SYSTEM}/cluster-pod-network.service.ejs`,
    format: 'unit',
    when: isRouted,
    view: () => ({}),
    settings: () => ofCluster('networking.cni'),
  }),
];
