/** Templates for the programs of every Kubernetes node. */
import { isMember } from '../../config/roles.ts';
import { mastersKnownTo } from '../../config/first-guess.ts';
import { isForMember, routesPods } from '../views/kubernetes/kubernetes.ts';
import * as views from '../views/kubernetes/member.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { clusterFile, nodeFile, type CatalogEntry } from './entry.ts';

const SYSTEM = 'etc/systemd/system';

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
    settings: ({ node }) => [...ofNode(node, 'name', 'ip', 'roles', 'kubelet'), ...ofCluster('kubernetes.kubelet')],
  }),
  nodeFile({
    template: 'etc/kubernetes/kubelet.yaml.ejs',
    format: 'yaml',
    when: isForMember,
    view: views.kubeletView,
    settings: ({ node }) => [
      ...ofNode(node, 'taints', 'sysctl', 'kubelet'),
      ...ofCluster('networking.service_cidr', 'networking.cluster_domain', 'kubernetes.kubelet'),
    ],
  }),
  nodeFile({
    template: `${SYSTEM}/kube-proxy.service.ejs`,
    format: 'unit',
    when: views.runsServiceProxy,
    view: () => ({}),
    settings: () => ofCluster('kubernetes.kube_proxy.enabled'),
  }),
  nodeFile({
    template: 'etc/kubernetes/kube-proxy.yaml.ejs',
    format: 'yaml',
    when: views.runsServiceProxy,
    view: views.proxyView,
    settings: ({ node }) => [
      ...ofNode(node, 'name', 'ip'),
      ...ofCluster('networking.pod_cidr', 'kubernetes.kube_proxy'),
    ],
  }),
  nodeFile({
    template: 'etc/kubernetes/own-labels.ejs',
    format: 'word',
    when: isForMember,
    view: views.ownLabelsView,
    settings: ({ node }) => ofNode(node, 'labels', 'roles'),
  }),
  nodeFile({
    template: 'etc/kubernetes/own-annotations.json.ejs',
    format: 'json',
    header: false,
    when: ({ node }) => isMember(node) && Object.keys(node.annotations).length > 0,
    view: views.annotationsView,
    settings: ({ node }) => ofNode(node, 'annotations'),
  }),
  ...['cluster-peers.service', 'haproxy.service.d/10-coldstart.conf'].map((name) =>
    clusterFile({
      template: `${SYSTEM}/${name}.ejs`,
      audience: 'member',
      format: 'unit',
      view: () => ({}),
      settings: () => [],
    }),
  ),
  clusterFile({
    template: 'etc/kubernetes/pod-network.conflist.ejs',
    audience: 'member',
    format: 'json',
    header: false,
    when: routesPods,
    view: views.networkPluginView,
    settings: () => ofCluster('networking.cni', 'networking.mtu'),
  }),
  clusterFile({
    template: 'etc/kubernetes/pod-network.nft.ejs',
    audience: 'member',
    format: 'word',
    when: routesPods,
    view: views.podNetworkView,
    settings: () => ofCluster('networking.cni', 'networking.pod_cidr'),
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
