/** The documents below /etc/cluster-config are a valid definition, with the same machines. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/config/cluster.ts';
import { renderNode } from '../../src/render/plan/plan.ts';
import { ALONE, BESIDE, sound } from '../config/ceph.ts';
import { definition, example, EXAMPLES } from './examples.ts';
import { JOINING } from './joining.ts';
import { SOURCES } from './sources.ts';

async function readBack(cluster: Cluster, node: Node): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-documents-'));
  try {
    for (const entry of renderNode(cluster, node, SOURCES)) {
      const path = /^etc\/cluster-config\/(cluster\.yaml|nodes\/.*)$/.exec(entry.path)?.[1];
      if (path === undefined || entry.type !== 'file') continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), entry.content);
    }
    return await definition(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each(Object.entries(JOINING))(
  '%s: how nodes get their token, not what they show for it',
  async (_, { bootstrap }) => {
    const cluster = { ...(await example('quick-start')), bootstrap };
    const again = (await readBack(cluster, cluster.nodes[0] as Node)).bootstrap;
    const external = bootstrap.external === null ? null : { ...bootstrap.external, ca: null, credentials: {} };
    expect(again).toEqual({ ...bootstrap, external });
  },
);

test.each([
  ['everything', BESIDE],
  ['no pools', { ...BESIDE, ceph: '{ pools: [] }' }],
  ['storage alone', ALONE],
])('Ceph: %s', async (_, written) => {
  const cluster = await sound(written);
  expect((await readBack(cluster, cluster.nodes[0] as Node)).ceph).toEqual(cluster.ceph);
});

test.each(EXAMPLES)('%s', async (name) => {
  const cluster = await example(name);
  const again = await readBack(cluster, cluster.nodes[0] as Node);
  const machines = (of: Cluster) =>
    of.nodes.map(({ name, hostname, ips, roles, bootRole, macs, stateDisk, osdDisks, interfaces, podCidrs }) => {
      return { name, hostname, ips, roles, bootRole, macs, stateDisk, osdDisks, interfaces, podCidrs };
    });
  expect(machines(again)).toEqual(machines(cluster));
  expect({ ...again.networking, proxy: null }).toEqual({ ...cluster.networking, proxy: null });
  expect(again.controlPlane).toEqual(cluster.controlPlane);
  expect(again.ceph).toEqual(cluster.ceph);
});
