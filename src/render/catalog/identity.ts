/** Templates for the identity of a node: names, addresses, `/etc/cluster-config`. */
import { mastersKnownTo, nodesKnownTo } from '../../config/first-guess.ts';
import { isMaster } from '../../config/roles.ts';
import * as documents from '../views/node/documents.ts';
import * as identity from '../views/node/identity.ts';
import { ofCluster, ofNode, type Subject } from '../views/subject.ts';
import { nodeFile, nodeFiles, type CatalogEntry } from './entry.ts';

const CONFIG = 'etc/cluster-config';
/** Settings of the nodes that the node's image names. */
const ofKnown = ({ cluster, node }: Subject, ...keys: readonly string[]): string[] =>
  nodesKnownTo(cluster, node).flatMap((known) => ofNode(known, ...keys));

const names = ({ node }: Subject): string[] => [...ofNode(node, 'name'), ...ofCluster('name')];

/** Debian's packages generate these names at installation, so all nodes of a base layer would have the same ones. */
const storageNames: readonly CatalogEntry[] = [
  ...['hostid', 'hostnqn'].map((name) =>
    nodeFile({
      template: `etc/nvme/${name}.ejs`,
      format: 'word',
      header: false,
      view: identity.nvmeHostView,
      settings: names,
    }),
  ),
  nodeFile({
    template: 'etc/iscsi/initiatorname.iscsi.ejs',
    format: 'word',
    mode: 0o600,
    view: identity.iscsiInitiatorView,
    settings: names,
  }),
];

export const identityEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: 'etc/hostname.ejs',
    format: 'word',
    header: false,
    view: identity.hostnameView,
    settings: ({ node }) => ofNode(node, 'hostname'),
  }),
  nodeFile({
    template: 'etc/hosts.ejs',
    format: 'word',
    view: identity.hostsView,
    settings: (subject) => [
      ...ofKnown(subject, 'hostname', 'ip'),
      ...ofCluster('control_plane', 'networking.hosts'),
      ...ofNode(subject.node, 'network.hosts'),
    ],
  }),
  nodeFile({
    template: 'etc/machine-id.ejs',
    format: 'word',
    mode: 0o444,
    header: false,
    view: identity.machineIdView,
    settings: names,
  }),
  ...storageNames,
  nodeFile({
    template: 'etc/issue.ejs',
    format: 'issue',
    header: false,
    view: identity.issueView,
    settings: ({ node }) => [...ofNode(node, 'hostname', 'roles', 'ip'), ...ofCluster('name')],
  }),
  nodeFile({
    template: `${CONFIG}/cluster.yaml.ejs`,
    format: 'yaml',
    view: documents.clusterDocument,
    settings: (subject) => ['cluster', ...ofKnown(subject, 'name', 'ip', 'roles')],
  }),
  nodeFiles({
    template: `${CONFIG}/nodes/node.yaml.ejs`,
    format: 'yaml',
    outputs: (subject) => [
      {
        path: `${CONFIG}/nodes/${subject.node.name}.yaml`,
        view: () => documents.nodeDocument(subject),
        settings: [`nodes[${subject.node.name}]`],
      },
    ],
  }),
  nodeFile({
    template: `${CONFIG}/node-identity.ejs`,
    format: 'word',
    header: false,
    view: identity.nodeIdentityView,
    settings: ({ node }) => ofNode(node, 'name'),
  }),
  nodeFile({
    template: `${CONFIG}/nics.tsv.ejs`,
    format: 'line',
    header: false,
    when: identity.hasMatches,
    view: identity.nicsView,
    settings: ({ node }) => ofNode(node, 'network.interfaces'),
  }),
  nodeFile({
    template: `${CONFIG}/node.env.ejs`,
    format: 'env',
    view: identity.nodeEnvView,
    settings: ({ cluster, node }) => [
      ...ofNode(node, 'name', 'hostname', 'ip', 'roles', 'hardware.mac_addresses'),
      ...mastersKnownTo(cluster, node).flatMap((master) => ofNode(master, 'name', 'ip')),
      ...(cluster.kubernetes.etcd.cidr === null || !isMaster(node)
        ? []
        : mastersKnownTo(cluster, node).flatMap((master) => ofNode(master, 'network'))),
      ...ofCluster('name', 'networking', 'control_plane', 'kubernetes', 'bootstrap'),
    ],
  }),
];
