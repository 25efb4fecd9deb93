/** Clusters whose nodes get their token from a master, or from the user's external store. All secrets are made up. */
import type { Cluster } from '../../src/config/cluster.ts';
import { cluster, node } from './cluster.ts';

const plain = cluster();

const atMasters: Cluster = cluster({
  name: 'join',
  bootstrap: { ...plain.bootstrap, tokenDistribution: 'http', port: 8444 },
  nodes: [
    node('master-01', 1, { roles: ['master'], bootRole: 'master-first', ips: ['192.168.50.11', 'fd00:50::11'] }),
    node('worker-01', 2),
  ],
});

const store = {
  ...({ type: 'http', url: 'https://store.lab.example/tokens/{node}', region: 'us-east-1' } as const),
  ca: '-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n\r\n',
  credentials: {
    'master-01':
      '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n',
    'worker-01': 'made-up\n',
  },
};

const throughStore: Cluster = cluster({
  name: 'store',
  bootstrap: { ...plain.bootstrap, tokenDistribution: 'external', external: store },
  nodes: [
    node('master-01', 1, { roles: ['master'], bootRole: 'master-first' }),
    node('store-01', 2, { roles: ['ceph-osd'], bootRole: 'storage' }),
    node('worker-01', 3),
    node('worker-02', 4),
  ],
});

/** By golden case. */
export const JOINING = { 'joining-http': atMasters, 'joining-external': throughStore } as const;
/** What differs from a cluster whose tokens are in the images. */
export const JOINING_FILES = /join|haproxy\.cfg|cluster-config\/cluster\.yaml/;
