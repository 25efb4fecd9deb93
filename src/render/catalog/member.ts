/** Templates for the programs of every Kubernetes node. */
import { mastersKnownTo } from '../../config/first-guess.ts';
import { isForMember, isRouted, routesPods } from '../views/kubernetes/kubernetes.ts';
import * as views from '../views/kubernetes/member.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { clusterFile, nodeFile, type CatalogEntry } from './entry.ts';

const SYSTEM = 'etc/systemd/system';
// Each node's part of the pod network follows from the order of the nodes.
const shares = ['nodes', ...ofCluster('networking.pod_cidr', 'networking.node_pod_prefix')];

export const memberEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: 'etc/haproxy/haproxy.cfg.ejs',
    format: 'word',
    when: isForMember,
    view: views.balancerView,
    settings: ({ cluster, node }) => [
      ...mastersKnownTo(cluster, node).flatMap((master) => ofNode(master, 'name', 'ip')),
      ...ofCluster('control_plane', 'bootstrap'),
    ],
  }),
  nodeFile({
    template: `${SYSTEM}/kubelet.service.ejs`,
    format: 'unit',
    when: isForMember,
    view: views.kubeletUnitView,
    settings: ({ node }) => ofNode(node, 'name', 'ip', 'roles'),
  }),
  nodeFile({
    template: 'etc/kubernetes/kubelet.yaml.ejs',
    format: 'yaml',
    when: isForMember,
    view: views.kubeletView,
    settings: ({ node }) => [
      ...ofNode(node, 'taints', 'sysctl'),
      ...ofCluster('networking.service_cidr', 'networking.cluster_domain'),
    ],
  }),
  nodeFile({
    template: `${SYSTEM}/kube-proxy.service.ejs`,
    format: 'unit',
    when: isForMember,
    view: () => ({}),
    settings: () => [],
  }),
  nodeFile({
    template: 'etc/kubernetes/kube-proxy.yaml.ejs',
    format: 'yaml',
    when: isForMember,
    view: views.proxyView,
    settings: ({ node }) => [...ofNode(node, 'name', 'ip'), ...ofCluster('networking.pod_cidr')],
  }),
  nodeFile({
    template: 'etc/cni/net.d/10-coldstart.conflist.ejs',
    format: 'json',
    header: false,
    when: isRouted,
    view: views.networkPluginView,
    settings: () => [...shares, ...ofCluster('networking.mtu')],
  }),
  clusterFile({
    template: 'etc/cluster-config/pod-routes.tsv.ejs',
    audience: 'member',
    format: 'word',
    header: false,
    when: routesPods,
    view: views.podRoutesView,
    settings: () => shares,
  }),
  clusterFile({
    template: 'etc/kubernetes/pod-network.nft.ejs',
    audience: 'member',
    format: 'word',
    when: routesPods,
    view: views.podNetworkView,
    settings: () => shares,
  }),
  clusterFile({
    template: `${SYSTEM}/cluster-pod-network.service.ejs`,
    audience: 'member',
    format: 'unit',
    when: routesPods,
    view: () => ({}),
    settings: () => ofCluster('networking.cni'),
  }),
];
