/** Templates for the layer below Kubernetes: containerd, registries, kernel settings. */
import { artifactTableView } from '../views/node/artifacts.ts';
import { containerdView, hostsTomlView, modulesView, sysctlView } from '../views/node/runtime.ts';
import { clusterHolder, entrySettings, nodeHolder, ownSettings, settingsOf } from '../views/overridden-settings.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { holderFiles, nodeFile, nodeFiles, type CatalogEntry } from './entry.ts';
import { runtimeOf } from '../../config/artifacts.ts';
import { majorOf } from '../../config/kubernetes/containerd.ts';
import { isMember } from '../../config/roles.ts';

/** The configuration of one major version of containerd. */
function containerdConfig(major: number, template: string): CatalogEntry {
  return nodeFiles({
    ...{ template, format: 'toml', mode: 0o600 },
    outputs: (subject) => {
      const { cluster, node } = subject;
      if (!isMember(node) || majorOf(cluster.kubernetes.containerd) !== major) return [];
      const isOwn = ownSettings(cluster, node).includes('registries');
      const registries = settingsOf(isOwn ? nodeHolder(cluster, node) : clusterHolder(cluster), 'registries');
      const decisive = ofCluster('kubernetes.version', 'kubernetes.containerd', 'networking.cni');
      return [
        {
          path: 'etc/containerd/config.toml',
          view: () => containerdView(subject),
          settings: [...decisive, ...registries],
          secret: node.registries.some((registry) => registry.auth !== null),
        },
      ];
    },
  });
}

/** The mirrors of registries, for one major version of containerd. */
function registryHosts(major: number, template: string): CatalogEntry {
  return holderFiles('registries', {
    ...{ template, format: 'toml' },
    outputs: (holder) =>
      holder.registries.flatMap((registry, index) => {
        if (registry.mirrors.length === 0 || majorOf(holder.containerd) !== major) return [];
        const path = `etc/containerd/certs.d/${registry.host}/hosts.toml`;
        return [{ path, view: () => hostsTomlView(registry), settings: entrySettings(holder, 'registries', index) }];
      }),
  });
}

export const runtimeEntries: readonly CatalogEntry[] = [
  containerdConfig(1, 'etc/containerd/config-1.toml.ejs'),
  containerdConfig(2, 'etc/containerd/config-2.toml.ejs'),
  nodeFile({
    template: 'etc/systemd/system/containerd.service.ejs',
    format: 'unit',
    when: ({ cluster, node }) => runtimeOf(cluster, node).length > 0,
    view: () => ({}),
    settings: () => ofCluster('kubernetes.containerd.source', 'kubernetes.version'),
  }),
  nodeFile({
    template: 'etc/cluster-config/artifacts.tsv.ejs',
    format: 'line',
    header: false,
    when: ({ cluster, node }) => cluster.kubernetes.delivery === 'first-boot' && isMember(node),
    view: artifactTableView,
    settings: ({ node }) => [...ofNode(node, 'roles'), ...ofCluster('kubernetes')],
  }),
  registryHosts(1, 'etc/containerd/certs.d/hosts-1.toml.ejs'),
  registryHosts(2, 'etc/containerd/certs.d/hosts-2.toml.ejs'),
  nodeFile({
    template: 'etc/sysctl.d/90-coldstart.conf.ejs',
    format: 'line',
    view: sysctlView,
    settings: ({ node }) => [...ofNode(node, 'sysctl', 'roles'), ...ofCluster('sysctl', 'networking.cni')],
  }),
  nodeFile({
    template: 'etc/modules-load.d/coldstart.conf.ejs',
    format: 'word',
    view: modulesView,
    settings: ({ node }) => [...ofNode(node, 'kernel_modules', 'roles'), ...ofCluster('kernel_modules')],
  }),
];
