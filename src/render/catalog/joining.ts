/** Templates for nodes that fetch their token, because their image does not contain it. */
import * as views from '../views/kubernetes/joining.ts';
import { ofCluster, ofNode } from '../views/subject.ts';
import { clusterFile, nodeFile, type CatalogEntry } from './entry.ts';

const SYSTEM = 'etc/systemd/system';
const service = (name: string): CatalogEntry =>
  clusterFile({
    template: `${SYSTEM}/${name}.ejs`,
    audience: 'master',
    format: 'unit',
    when: views.hasJoinService,
    view: () => ({}),
    settings: () => ofCluster('bootstrap.token_distribution'),
  });

export const joiningEntries: readonly CatalogEntry[] = [
  ...['cluster-join.socket', 'cluster-join@.service'].map(service),
  nodeFile({
    template: 'etc/cluster-config/join.env.ejs',
    format: 'env',
    when: views.usesTokenSource,
    view: views.joinEnvView,
    settings: () => ofCluster('bootstrap'),
  }),
  nodeFile({
    template: 'etc/kubernetes/join-credentials.ejs',
    format: 'line',
    mode: 0o600,
    secret: true,
    header: false,
    when: views.hasCredentials,
    view: views.credentialsView,
    settings: ({ node }) => [...ofNode(node, 'name'), ...ofCluster('bootstrap.external.credentials_file')],
  }),
  clusterFile({
    template: 'etc/kubernetes/join-store-ca.crt.ejs',
    audience: 'member',
    format: 'line',
    header: false,
    when: views.hasStoreAuthority,
    view: views.storeAuthorityView,
    settings: () => ofCluster('bootstrap.external.ca_file'),
  }),
];
