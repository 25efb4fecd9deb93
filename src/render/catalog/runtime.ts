/** Templates for the layer below Kubernetes: containerd, registries, kernel settings. */
import { artifactTableView } from '../views/node/artifacts.ts';
import { containerdView, hostsTomlView, modulesView, sysctlView } from '../views/node/runtime.ts';
import { clusterHolder, entrySettings, nodeHolder, ownSettings, settingsOf } from '../views/overridden-settings.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { holderFiles, nodeFile, type CatalogEntry } from './entry.ts';
import { isMember } from '../../config/roles.ts';

export const runtimeEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: 'etc/containerd/config.toml.ejs',
    format: 'toml',
    mode: 0o600,
    when: ({ node }) => isMember(node),
    secretWhen: ({ node }) => node.registries.some((registry) => registry.auth !== null),
    view: containerdView,
    settings: ({ cluster, node }) => {
      const isOwn = ownSettings(cluster, node).includes('registries');
      const registries = settingsOf(isOwn ? nodeHolder(node) : clusterHolder(cluster), 'registries');
      return [...ofCluster('kubernetes.version', 'networking.cni'), ...registries];
    },
  }),
  nodeFile({
    template: 'etc/cluster-config/artifacts.tsv.ejs',
    format: 'line',
    header: false,
    when: ({ cluster, node }) => cluster.kubernetes.delivery === 'first-boot' && isMember(node),
    view: artifactTableView,
    settings: ({ node }) => [...ofNode(node, 'roles'), ...ofCluster('kubernetes')],
  }),
  holderFiles('registries', {
    template: 'etc/containerd/certs.d/hosts.toml.ejs',
    format: 'toml',
    outputs: (holder) =>
      holder.registries.flatMap((registry, index) => {
        if (registry.mirrors.length === 0) return [];
        const path = `etc/containerd/certs.d/${registry.host}/hosts.toml`;
        return [{ path, view: () => hostsTomlView(registry), settings: entrySettings(holder, 'registries', index) }];
      }),
  }),
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
