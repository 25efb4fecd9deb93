/** A cluster whose nodes update themselves; one node has no state disk, and so no slots. */
import type { Cluster } from '../../src/config/cluster.ts';
import { cluster, noDisk } from './cluster.ts';

const base = cluster({ name: 'updates' });

export const UPDATES: Cluster = {
  ...base,
  image: { ...base.image, formats: ['iso', 'update'] },
  nodes: base.nodes.map((node) => ({
    ...node,
    stateDisk: node.name === 'worker-02' ? null : { ...noDisk, serial: 'S4EVNF0M123456' },
  })),
};

export const UPDATES_FILES = /^etc\/rauc\//;
