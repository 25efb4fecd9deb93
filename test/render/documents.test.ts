/** The documents below /etc/cluster-config of all nodes together are a valid definition, with the same machines. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../src/config/cluster.ts';
import { hasRole } from '../../src/config/roles.ts';
import { renderNode } from '../../src/render/plan/plan.ts';
import type { FileTree } from '../../src/render/tree/tree.ts';
import { ALONE, BESIDE, sound } from '../config/ceph.ts';
import { definition, example, EXAMPLES } from './examples.ts';
import { JOINING } from './joining.ts';
import { SOURCES } from './sources.ts';

interface Written {
  readonly cluster: object;
  readonly nodes: readonly { readonly name: string }[];
}

/** A monitor's document has the settings, because only nodes of Ceph have those of Ceph; each node's document lists the node. */
async function readBack(cluster: Cluster): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-documents-'));
  const trees = cluster.nodes.map((node) => ({ node, tree: renderNode(cluster, node, SOURCES) }));
  const written = trees.map(({ tree }) => parse(textOf(tree, 'cluster.yaml')) as Written);
  const monitor = Math.max(
    0,
    cluster.nodes.findIndex((node) => hasRole(node, 'ceph-mon')),
  );
  const nodes = cluster.nodes.map(({ name }, index) => written[index]?.nodes.find((one) => one.name === name));
  try {
    mkdirSync(join(folder, 'nodes'));
    writeFileSync(join(folder, 'cluster.yaml'), stringify({ ...written[monitor], nodes }));
    for (const { node, tree } of trees) {
      const own = `nodes/${node.name}.yaml`;
      writeFileSync(join(folder, own), textOf(tree, own));
    }
    return await definition(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function textOf(tree: FileTree, path: string): string {
  const entry = tree.find((candidate) => candidate.path === `etc/cluster-config/${path}`);
  if (entry?.type !== 'file') throw new Error(`${path} is no file`);
  return Buffer.from(entry.content).toString();
}

test.each(Object.entries(JOINING))(
  '%s: how nodes get their token, not what they show for it',
  async (_, { bootstrap }) => {
    const cluster = { ...(await example('quick-start')), bootstrap };
    const again = (await readBack(cluster)).bootstrap;
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
  const again = (await readBack(cluster)).ceph;
  // The monitor's image does not name other holders of the key.
  const adminNodes = cluster.ceph?.adminNodes.filter((name) => name !== 'o-4');
  expect(again).toEqual({ ...cluster.ceph, adminNodes });
});

test.each(EXAMPLES)('%s', async (name) => {
  const cluster = await example(name);
  const again = await readBack(cluster);
  const machines = (of: Cluster) =>
    of.nodes.map(({ name, hostname, ips, roles, bootRole, macs, stateDisk, osdDisks, interfaces }) => {
      return { name, hostname, ips, roles, bootRole, macs, stateDisk, osdDisks, interfaces };
    });
  expect(machines(again)).toEqual(machines(cluster));
  expect({ ...again.networking, proxy: null }).toEqual({ ...cluster.networking, proxy: null });
  expect(again.controlPlane).toEqual(cluster.controlPlane);
  expect(again.ceph).toEqual(cluster.ceph);
});
