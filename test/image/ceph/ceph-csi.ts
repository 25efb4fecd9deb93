/**
 * The manifests of ceph-csi that masters apply, in a folder: the rendered kustomization over manifests from an artifact
 * folder, or over small ones of the same shape: with the namespace `default`, without a namespace, and of a kind that
 * has none.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { csiFiles } from '../../../src/config/ceph-csi.ts';
import type { Cluster } from '../../../src/config/cluster.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { SOURCES } from '../../render/sources.ts';

/** @param published the folder `manifests/ceph-csi` of an artifact folder; null for manifests of our own */
export function writeDrivers(cluster: Cluster, folder: string, published: string | null): void {
  for (const { path } of csiFiles(cluster)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), published === null ? made(path) : readFileSync(join(published, path)));
  }
  const [master] = cluster.nodes;
  if (master === undefined) throw new Error('no node');
  const rendered = renderNode(cluster, master, SOURCES).find(({ path }) => path.endsWith('/kustomization.yaml'));
  if (rendered?.type !== 'file') throw new Error('no kustomization');
  writeFileSync(join(folder, 'kustomization.yaml'), rendered.content);
}

function made(path: string): string {
  const driver = dirname(path);
  const of: Readonly<Record<string, (driver: string) => string>> = {
    csidriver: object,
    'csi-nodeplugin-rbac': (name) => permissions(name, 'nodeplugin', 'ClusterRole'),
    'csi-provisioner-rbac': (name) => permissions(name, 'provisioner', 'Role'),
    [`csi-${driver}plugin-provisioner`]: deployment,
    [`csi-${driver}plugin`]: daemonSet,
  };
  const text = of[basename(path, '.yaml')];
  if (text === undefined) throw new Error(path);
  return text(driver);
}

const object = (driver: string): string => `
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: { name: ${driver}.csi.ceph.com }
spec: { attachRequired: ${String(driver === 'rbd')}, podInfoOnMount: false }
`;

function permissions(driver: string, use: string, kind: 'Role' | 'ClusterRole'): string {
  const name = `${driver}-csi-${use}`;
  const namespace = kind === 'Role' ? 'namespace: default, ' : '';
  return `
apiVersion: v1
kind: ServiceAccount
metadata: { namespace: default, name: ${name} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: { ${namespace}name: ${name} }
rules: [{ apiGroups: [''], resources: [secrets], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}Binding
metadata: { ${namespace}name: ${name} }
subjects: [{ kind: ServiceAccount, namespace: default, name: ${name} }]
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ${kind}, name: ${name} }
`;
}

const deployment = (driver: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: csi-${driver}plugin-provisioner }
spec:
  replicas: 3
${pods(`csi-${driver}plugin-provisioner`, `${driver}-csi-provisioner`)}`;

const daemonSet = (driver: string): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: { namespace: default, name: csi-${driver}plugin }
spec:
${pods(`csi-${driver}plugin`, `${driver}-csi-nodeplugin`)}`;

const pods = (app: string, account: string): string => `
  selector: { matchLabels: { app: ${app} } }
  template:
    metadata: { labels: { app: ${app} } }
    spec:
      serviceAccountName: ${account}
      containers:
        - { name: driver, image: registry.example/driver:1, securityContext: { privileged: true } }
      volumes: [{ name: csi, configMap: { name: ceph-csi-config } }]
`;
