/** Templates for the programs of masters. */
import { csiFiles } from '../../config/ceph-csi.ts';
import { isMaster } from '../../config/roles.ts';
import { calicoView, dnsView } from '../views/kubernetes/addons.ts';
import { csiView } from '../views/ceph/csi.ts';
import * as views from '../views/kubernetes/control-plane.ts';
import { isForMaster } from '../views/kubernetes/kubernetes.ts';
import { ofCluster, ofNode, type Subject } from '../views/subject.ts';
import { clusterFile, nodeFile, type CatalogEntry } from './entry.ts';

const SYSTEM = 'etc/systemd/system';
const ip = ({ node }: Subject): string[] => ofNode(node, 'ip');

export const controlPlaneEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: 'etc/etcd/etcd.env.ejs',
    format: 'env',
    when: isForMaster,
    view: views.etcdView,
    settings: ({ cluster, node }) => [
      ...ofNode(node, 'name', 'ip', ...(cluster.kubernetes.etcd.cidr === null ? [] : ['network'])),
      ...ofCluster('name', 'kubernetes.etcd'),
    ],
  }),
  nodeFile({
    template: `${SYSTEM}/etcd.service.ejs`,
    format: 'unit',
    when: isForMaster,
    view: views.etcdUnitView,
    settings: () => ofCluster('kubernetes.etcd'),
  }),
  nodeFile({
    template: 'etc/cluster-config/etcd-snapshots.env.ejs',
    format: 'env',
    when: views.makesSnapshots,
    view: views.snapshotsView,
    settings: ({ node }) => [...ofNode(node, 'hardware.state_disk'), ...ofCluster('control_plane.etcd_snapshots')],
  }),
  nodeFile({
    template: 'etc/kubernetes/snapshot-store-credentials.ejs',
    format: 'line',
    mode: 0o600,
    secret: true,
    header: false,
    when: views.hasSnapshotCredentials,
    view: views.snapshotCredentialsView,
    settings: () => ofCluster('control_plane.etcd_snapshots.store.credentials_file'),
  }),
  nodeFile({
    template: 'etc/kubernetes/snapshot-store-ca.crt.ejs',
    format: 'line',
    header: false,
    when: views.hasSnapshotAuthority,
    view: views.snapshotAuthorityView,
    settings: () => ofCluster('control_plane.etcd_snapshots.store.ca_file'),
  }),
  nodeFile({
    template: `${SYSTEM}/kube-apiserver.service.ejs`,
    format: 'unit',
    when: isForMaster,
    view: views.apiServerView,
    settings: (subject) => [
      ...ip(subject),
      ...ofCluster('control_plane.port', 'networking.service_cidr', 'networking.cluster_domain'),
      ...ofCluster('kubernetes.api_server'),
    ],
  }),
  clusterFile({
    template: 'etc/kubernetes/authentication-config.yaml.ejs',
    audience: 'master',
    format: 'yaml',
    view: views.authenticationView,
    settings: () => ofCluster('kubernetes.api_server.authentication', 'kubernetes.version'),
  }),
  nodeFile({
    template: 'etc/kubernetes/admission.yaml.ejs',
    format: 'yaml',
    when: views.hasAdmission,
    view: views.admissionView,
    settings: () => ofCluster('kubernetes.api_server.admission'),
  }),
  clusterFile({
    template: 'etc/kubernetes/own-audit-policy.yaml.ejs',
    audience: 'master',
    format: 'yaml',
    when: views.hasAuditPolicy,
    view: views.auditPolicyView,
    settings: () => ofCluster('kubernetes.api_server.audit_policy'),
  }),
  nodeFile({
    template: `${SYSTEM}/kube-controller-manager.service.ejs`,
    format: 'unit',
    when: isForMaster,
    view: views.controllerManagerView,
    settings: () => ofCluster('name', 'networking', 'kubernetes.controller_manager'),
  }),
  nodeFile({
    template: `${SYSTEM}/kube-scheduler.service.ejs`,
    format: 'unit',
    when: isForMaster,
    view: views.schedulerUnitView,
    settings: () => ofCluster('kubernetes.scheduler'),
  }),
  clusterFile({
    template: 'etc/kubernetes/scheduler.yaml.ejs',
    audience: 'master',
    format: 'yaml',
    view: views.schedulerView,
    settings: () => ofCluster('kubernetes.scheduler.config'),
  }),
  nodeFile({
    template: 'etc/keepalived/keepalived.conf.ejs',
    format: 'word',
    when: views.hasVirtualIp,
    view: views.keepalivedView,
    settings: (subject) => [...ip(subject), ...ofCluster('control_plane')],
  }),
  clusterFile({
    template: 'etc/kubernetes/restricted-labels.tsv.ejs',
    audience: 'master',
    format: 'word',
    view: views.restrictedLabelsView,
    settings: ({ nodes }) => nodes.flatMap((node) => ofNode(node, 'labels', 'roles')),
  }),
  clusterFile({
    template: 'etc/kubernetes/addons/14-calico-settings.yaml.ejs',
    audience: 'master',
    format: 'yaml',
    when: ({ networking }) => networking.cni === 'calico',
    view: calicoView,
    settings: () =>
      ofCluster('networking.pod_cidr', 'networking.node_pod_prefix', 'control_plane.port', 'kubernetes.kube_proxy'),
  }),
  clusterFile({
    template: 'etc/kubernetes/addons/20-dns.yaml.ejs',
    audience: 'master',
    format: 'word',
    when: ({ kubernetes }) => kubernetes.coredns.enabled,
    view: dnsView,
    settings: ({ nodes }) => [
      ...ofCluster('networking.service_cidr', 'networking.cluster_domain', 'networking.dns', 'kubernetes.version'),
      ...nodes.filter(isMaster).flatMap((node) => ofNode(node, 'network')),
    ],
  }),
  clusterFile({
    template: 'etc/kubernetes/addons/31-ceph-csi/kustomization.yaml.ejs',
    audience: 'master',
    format: 'yaml',
    when: (cluster) => csiFiles(cluster).length > 0,
    view: csiView,
    settings: () => ofCluster('ceph.csi', 'ceph.pools', 'ceph.cephfs'),
  }),
];
