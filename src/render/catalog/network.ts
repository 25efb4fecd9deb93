/** Templates for the network of a node: NetworkManager, time, proxy. */
import { firstOfEachNetwork } from '../../config/network/node-networks.ts';
import { keepsTime, timekeepersOf } from '../../config/timekeepers.ts';
import { connectionView, deviceView } from '../views/node/connection.ts';
import { chronyView, hasProxy, proxyHoldsSecret, proxyView } from '../views/node/runtime.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { clusterFile, holderFile, nodeFile, nodeFiles, type CatalogEntry } from './entry.ts';

export const networkEntries: readonly CatalogEntry[] = [
  clusterFile({
    template: 'etc/NetworkManager/conf.d/10-coldstart.conf.ejs',
    format: 'keyfile',
    view: deviceView,
    settings: () => [],
  }),
  nodeFiles({
    template: 'etc/NetworkManager/system-connections/interface.nmconnection.ejs',
    format: 'keyfile',
    // NetworkManager ignores key files that users other than root can read.
    mode: 0o600,
    outputs: (subject) =>
      subject.node.interfaces.map((of, index) => ({
        path: `etc/NetworkManager/system-connections/${of.name}.nmconnection`,
        view: () => connectionView(subject, of),
        settings: [
          ...ofNode(subject.node, `network.interfaces[${String(index)}]`, 'ip', 'network.node_cidr'),
          ...ofCluster('networking.node_cidr', 'networking.gateway', 'networking.dns', 'networking.mtu'),
        ],
      })),
  }),
  nodeFile({
    template: 'etc/chrony/chrony.conf.ejs',
    format: 'word',
    view: chronyView,
    settings: ({ cluster, node }) => [
      ...ofCluster('networking.ntp', 'networking.node_cidr'),
      ...(keepsTime(node) ? firstOfEachNetwork(cluster).flatMap((one) => ofNode(one, 'network.node_cidr')) : []),
      ...ofNode(node, 'network.ntp'),
      ...timekeepersOf(cluster, node).flatMap((keeper) => ofNode(keeper, 'ip')),
    ],
  }),
  holderFile('proxy', {
    template: 'etc/systemd/system.conf.d/10-coldstart-proxy.conf.ejs',
    format: 'unit',
    when: hasProxy,
    secretWhen: proxyHoldsSecret,
    view: proxyView,
  }),
  holderFile('proxy', {
    template: 'etc/profile.d/coldstart-proxy.sh.ejs',
    format: 'shell',
    when: hasProxy,
    secretWhen: proxyHoldsSecret,
    view: proxyView,
  }),
];
