/** A cluster whose nodes fetch their updates; one node has no state disk, and so no slots. */
import type { Cluster } from '../../src/config/cluster.ts';
import { cluster, noDisk } from './cluster.ts';

const base = cluster({ name: 'updates' });

export const UPDATES: Cluster = {
  ...base,
  image: { ...base.image, formats: ['iso', 'update'] },
  bootstrap: { ...base.bootstrap, tokenDistribution: 'http' },
  update: {
    url: 'https://builds.lab.example/lab',
    hours: ['22:00-04:00', '12:00-12:30'],
    ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  },
  nodes: base.nodes.map((node) => ({
    ...node,
    stateDisk: node.name === 'worker-02' ? null : { ...noDisk, serial: 'S4EVNF0M123456' },
  })),
};

export const UPDATES_FILES = /^etc\/rauc\/|fetch|cluster-lock|haproxy\.cfg/;
