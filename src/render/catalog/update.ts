/** Templates for updates of installed nodes. */
import { servesLock, updatesItself } from '../../config/fetching.ts';
import * as views from '../views/node/update.ts';
import { ofCluster } from '../views/subject.ts';
import { clusterFile, nodeFile, type CatalogEntry } from './entry.ts';

const SYSTEM = 'etc/systemd/system';

export const updateEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: `${views.UPDATE_CONFIG}.ejs`,
    format: 'line',
    when: ({ cluster, node }) => updatesItself(cluster, node),
    view: views.updateView,
    settings: () => ofCluster('image.formats', 'image.install'),
  }),
  nodeFile({
    template: 'etc/cluster-config/fetch.env.ejs',
    format: 'env',
    when: views.fetches,
    view: views.fetchView,
    settings: () => ofCluster('update', 'bootstrap.port'),
  }),
  nodeFile({
    template: 'etc/cluster-config/fetch-ca.crt.ejs',
    format: 'line',
    header: false,
    when: views.hasFetchAuthority,
    view: views.fetchAuthorityView,
    settings: () => ofCluster('update.ca_file'),
  }),
  ...['cluster-lock.socket', 'cluster-lock@.service'].map((name) =>
    clusterFile({
      template: `${SYSTEM}/${name}.ejs`,
      audience: 'master',
      format: 'unit',
      when: servesLock,
      view: () => ({}),
      settings: () => ofCluster('update'),
    }),
  ),
];
