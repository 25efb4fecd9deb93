/** Templates for updates of installed nodes. */
import { UPDATE_CONFIG, updatesItself, updateView } from '../views/node/update.ts';
import { ofCluster } from '../views/subject.ts';
import { nodeFile, type CatalogEntry } from './entry.ts';

export const updateEntries: readonly CatalogEntry[] = [
  nodeFile({
    template: `${UPDATE_CONFIG}.ejs`,
    format: 'line',
    when: ({ cluster, node }) => updatesItself(cluster, node),
    view: updateView,
    settings: () => ofCluster('image.formats', 'image.install'),
  }),
];
